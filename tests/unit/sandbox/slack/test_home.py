"""The app's home tab: published for one person, and refused as Slack refuses."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.unit.sandbox.slack.conftest import Stage

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Nothing waits."}}
HOME: dict[str, Any] = {"type": "home", "blocks": [SECTION]}


async def test_a_home_tab_is_one_persons(client: AsyncWebClient, stage: Stage) -> None:
    """The last one published counts."""
    for _ in range(2):
        await client.views_publish(user_id="U0TOM", view=HOME)
    workspace = stage.slack.state.sandbox.workspace
    assert workspace.home("U0TOM")["blocks"][0]["text"]["text"] == "Nothing waits."
    assert workspace.home("U0CLAIRE") is None


@pytest.mark.parametrize(
    ("user", "view", "error"),
    [
        ("U0NOBODY", HOME, "user_not_found"),
        ("U0TOM", HOME | {"blocks": [SECTION] * 101}, "invalid_arguments"),
        ("U0TOM", {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}, "invalid_arguments"),
    ],
)
async def test_what_is_no_home_tab_is_refused(
    client: AsyncWebClient, user: str, view: dict[str, Any], error: str
) -> None:
    """Too many blocks, nobody of that id, a modal."""
    with pytest.raises(SlackApiError, match=error):
        await client.views_publish(user_id=user, view=view)


async def test_a_home_tab_is_no_modal(client: AsyncWebClient) -> None:
    """It can't be opened."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id="1.2.x", view=HOME)
