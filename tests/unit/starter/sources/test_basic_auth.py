import base64

import pytest

from starter.sources.basic_auth import Credentials

WHO = Credentials("pipedrive", ("new-password", "old-password"))


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("password", ["new-password", "old-password"])
def test_each_valid_password_opens(password: str) -> None:
    """During a change of password the old one and the new one both work."""
    assert WHO.accept(basic(f"pipedrive:{password}"))


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
        basic("pipedrive:new-password "),
        basic("é:è"),
    ],
)
def test_anything_else_does_not(header: str) -> None:
    """A wrong, missing or broken header is a no, never an error."""
    assert not WHO.accept(header)


def test_a_password_may_hold_a_colon() -> None:
    """Only the first colon separates (RFC 7617)."""
    assert Credentials("u", ("a:b",)).accept(basic("u:a:b"))
