from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.environment import explain
from starter.settings import Settings

ENOUGH = {"FARM_WEBHOOK_USERNAME": "pipedrive", "FARM_WEBHOOK_PASSWORD": "s3cret, 0lder"}

FILES = {
    "FARM_WEBHOOK_PASSWORD": "new-word\nold-word\n",
    "FARM_SOURCE_SECRETS": '{"billing": ["b"], "pipedrive": ["other:word"]}\n',
    "PIPEDRIVE_API_TOKEN": "t\n",
    "SLACK_SIGNING_SECRET": "s1,s2\n",
    "SLACK_BOT_TOKEN": "xoxb",
    "FARM_STORE_URL": "postgresql+psycopg://farm:word@db/farm",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("FARM_HOST", "FARM_PORT", *ENOUGH, *FILES):
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


def test_every_secret_of_the_starter_may_be_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And a file may hold several that are valid, a line each."""
    environment.delenv("FARM_WEBHOOK_PASSWORD")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
        environment.setenv(f"{name}_FILE", str(tmp_path / name))
    settings = Settings()
    assert settings.keyring() == {
        "pipedrive": ("pipedrive:new-word", "pipedrive:old-word", "other:word"),
        "billing": ("b",),
    }
    assert [each.get_secret_value() for each in settings.slack_signing_secrets] == ["s1", "s2"]
    assert (settings.pipedrive_api_token.get_secret_value(), settings.store_url) == ("t", FILES["FARM_STORE_URL"])


def test_the_crm_may_come_in_by_the_path_alone(environment: pytest.MonkeyPatch) -> None:
    """Then it needs no password."""
    environment.delenv("FARM_WEBHOOK_PASSWORD")
    environment.setenv("FARM_SOURCE_SECRETS", '{"pipedrive-path": ["0123456789abcdef"]}')
    assert Settings().keyring() == {"pipedrive": (), "pipedrive-path": ("0123456789abcdef",)}
    environment.setenv("FARM_SOURCE_SECRETS", '{"pipedrive-path": ["short-s3cret"]}')
    assert "FARM_SOURCE_SECRETS: Value error, a secret of pipedrive-path can't be one: it needs 16" in explained()
    assert "short-s3cret" not in explained()
