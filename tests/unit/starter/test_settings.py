import pytest
from pydantic import ValidationError

from contracts.environment import explain
from starter.settings import Settings

ENOUGH = {"FARM_WEBHOOK_USERNAME": "pipedrive", "FARM_WEBHOOK_PASSWORD": "s3cret, 0lder"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("FARM_HOST", "FARM_PORT", "FARM_STORE_URL", "PIPEDRIVE_API_TOKEN", *ENOUGH):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_defaults_are_the_embedded_stack(environment: pytest.MonkeyPatch) -> None:
    """Two credentials are all that must be said."""
    settings = Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


def test_several_passwords_are_separated_by_commas(environment: pytest.MonkeyPatch) -> None:
    """A password can be changed while the old one still works."""
    assert [password.get_secret_value() for password in Settings().webhook_passwords] == ["s3cret", "0lder"]


@pytest.mark.parametrize("value", ["", " , "])
def test_a_door_without_a_password_does_not_start(environment: pytest.MonkeyPatch, value: str) -> None:
    """No password at all is an error that names the variable."""
    environment.setenv("FARM_WEBHOOK_PASSWORD", value)
    assert explained().startswith("FARM_WEBHOOK_PASSWORD: ")


def test_an_error_names_the_variable_and_its_value(environment: pytest.MonkeyPatch) -> None:
    """Whoever set it wrong finds it again."""
    environment.setenv("FARM_PORT", "eighty")
    assert explained().startswith("FARM_PORT: Input should be a valid integer")
    assert explained().endswith("got 'eighty'")


def test_an_error_shows_no_secret(environment: pytest.MonkeyPatch) -> None:
    """Neither the wrong variable's own nor those of the others."""
    environment.setenv("SLACK_BOT_TOKEN", "xoxb-hidden")
    environment.setenv("FARM_WEBHOOK_USERNAME", "a:b")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "hidden" not in explain(refused.value, Settings) + str(refused.value)


def explained() -> str:
    with pytest.raises(ValidationError) as refused:
        Settings()
    return explain(refused.value, Settings)


def test_secrets_do_not_show(environment: pytest.MonkeyPatch) -> None:
    """Settings can be logged without giving anything away."""
    assert "s3cret" not in repr(Settings())
