"""Where the page is served, and how people come in."""

import pytest

from starter.page.access import Closed, Provider, Terms, is_loopback, terms
from starter.page.sign_in import NotLetIn, identity
from starter.settings import Settings

OIDC = {
    "FARM_OIDC_ISSUER": "https://id.example",
    "FARM_OIDC_CLIENT_ID": "farm",
    "FARM_OIDC_CLIENT_SECRET": "s",
    "FARM_PAGE_SECRET": "new, old",
    "FARM_PUBLIC_URL": "https://farm.example",
    "FARM_OIDC_DOMAINS": "Example.com, @other.example",
}
PUBLIC = OIDC | {"FARM_HOST": "0.0.0.0"}


def settings(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> Settings:
    for name in (*PUBLIC, "FARM_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"FARM_WEBHOOK_PASSWORD": "p"} | given).items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_with_a_provider_it_is_served_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """And who is let in is told by the settings."""
    found = terms(settings(monkeypatch, PUBLIC))
    provider = Provider("https://id.example", "farm", "s", ("example.com", "other.example"))
    assert found == Terms("https://farm.example", ("new", "old"), provider)
    assert found.is_secure


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_without_one_it_is_served_on_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """With a secret of its own making."""
    found = terms(settings(monkeypatch, {"FARM_HOST": host}))
    assert isinstance(found, Terms)
    assert (found.provider, found.is_secure, len(found.secrets[0])) == (None, False, 43)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "starter", ""])
def test_without_one_it_is_off_beyond_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """And says so; the starter itself goes on."""
    given = settings(monkeypatch, {"FARM_HOST": host} if host else {}).model_copy(update={"host": host})
    found = terms(given)
    assert isinstance(found, Closed)
    assert "FARM_OIDC_ISSUER" in found.reason


@pytest.mark.parametrize(
    "missing", ["FARM_OIDC_CLIENT_ID", "FARM_OIDC_CLIENT_SECRET", "FARM_PAGE_SECRET", "FARM_PUBLIC_URL"]
)
def test_a_provider_without_the_rest_is_off(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """The reason names what is missing."""
    found = terms(settings(monkeypatch, {name: value for name, value in PUBLIC.items() if name != missing}))
    assert found == Closed(f"with FARM_OIDC_ISSUER, {missing} must be set too")


@pytest.mark.parametrize("name", ["FARM_OIDC_ISSUER", "FARM_PUBLIC_URL"])
@pytest.mark.parametrize("url", ["http://id.example", "http://127.0.0.1.example"])
def test_nobody_signs_in_over_plain_http(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    """But on loopback."""
    found = terms(settings(monkeypatch, PUBLIC | {name: url}))
    assert isinstance(found, Closed)
    assert name in found.reason
    assert isinstance(terms(settings(monkeypatch, PUBLIC | {name: "http://127.0.0.1:9"})), Terms)


def test_loopback_is_what_says_so() -> None:
    """And nothing that only begins like it."""
    assert not any(map(is_loopback, ["", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]))


@pytest.mark.parametrize(
    ("claims", "by"),
    [
        ({"sub": "7", "email": "Claire@Example.com", "email_verified": True}, "claire@example.com"),
        ({"sub": "7", "email": "claire@example.com", "email_verified": False}, "7"),
        ({"sub": "7", "email": "claire@example.com"}, "7"),
        ({"sub": "7"}, "7"),
    ],
)
def test_somebody_is_known_by_a_verified_address(claims: dict[str, object], by: str) -> None:
    """One that nobody verified could be anybody's."""
    assert identity(claims, ()).by == by


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "7"},
        {"sub": "7", "email": "claire@example.com"},
        {"sub": "7", "email": "claire@example.com", "email_verified": "false"},
        {"sub": "7", "email": "claire@evil.example", "email_verified": True},
        {"sub": "7", "email": "claire@notexample.com", "email_verified": True},
        {"sub": "7", "email": "claire@example.com@evil.example", "email_verified": True},
    ],
)
def test_of_the_domains_alone(claims: dict[str, object]) -> None:
    """A verified address in one of them, or nobody."""
    with pytest.raises(NotLetIn):
        identity(claims, ("example.com",))
