import pytest

from starter.sources.mentions import mentioning


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("too late: already rejected by U0TOM", "too late: already rejected by <@U0TOM>"),
        ("only U012AB3CD, W0EINS may decide this", "only <@U012AB3CD>, <@W0EINS> may decide this"),
        ("URGENT: WAIT for claire", "URGENT: WAIT for claire"),
    ],
)
def test_people_are_named_as_slack_shows_them(text: str, shown: str) -> None:
    """A user's id becomes a mention; a word in capitals stays a word."""
    assert mentioning(text) == shown
