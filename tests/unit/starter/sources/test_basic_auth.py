import base64

import pytest

from starter.sources.basic_auth import BASIC
from starter.sources.source import Sent, UnknownSenderError

PAIRS = ["pipedrive:new-password", "pipedrive:old-password", "another:word"]


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("password", ["new-password", "old-password"])
def test_each_valid_password_opens(password: str) -> None:
    """During a change of password the old one and the new one both work."""
    BASIC.check(Sent({"authorization": basic(f"pipedrive:{password}")}), PAIRS, 0)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Bearer new-password",
        basic("pipedrive"),
        basic("pipedrive:"),
        basic("pipedrive:wrong"),
        basic("somebody:new-password"),
        basic("another:new-password"),
        basic("pipedrive:new-password "),
        basic("é:è"),
    ],
)
def test_anything_else_does_not(header: str) -> None:
    """A wrong, missing or broken header is a no, never an error."""
    with pytest.raises(UnknownSenderError, match="wrong user name or password"):
        BASIC.check(Sent({"authorization": header}), PAIRS, 0)


def test_a_password_may_hold_a_colon() -> None:
    """Only the first colon separates (RFC 7617)."""
    BASIC.check(Sent({"authorization": basic("u:a:b")}), ["u:a:b"], 0)


def test_a_pair_without_a_password_opens_nothing() -> None:
    """Neither as a setting nor at the door."""
    assert BASIC.flaw("pipedrive:")
    assert BASIC.flaw("word")
    with pytest.raises(UnknownSenderError):
        BASIC.check(Sent({"authorization": basic("word")}), ["word"], 0)
