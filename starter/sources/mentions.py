"""People in a text for Slack, named so that Slack shows their names. Pure."""

import re

# A user's id: docs.slack.dev/reference/objects/user-object. The digit tells it from a word in capitals.
USER_ID = re.compile(r"\b[UW](?=[A-Z0-9]*\d)[A-Z0-9]{4,}\b")


def mentioning(text: str) -> str:
    """The text in mrkdwn, with each user id as a mention: `U0CLAIRE` -> `<@U0CLAIRE>`."""
    return USER_ID.sub(lambda found: f"<@{found.group()}>", text)
