"""Secrets from files, as Docker and Kubernetes mount them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from contracts.environment import Environment, read

REPO = Path(__file__).parents[3]


class Settings(Environment):
    token: SecretStr = Field(SecretStr("none"), validation_alias="TRIAL_TOKEN", min_length=1)
    keys: dict[str, tuple[SecretStr, ...]] = Field({}, validation_alias="TRIAL_KEYS_SECRETS")
    place: str = Field("here", validation_alias="TRIAL_PLACE")


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "token"
    monkeypatch.setenv("TRIAL_TOKEN_FILE", str(path))
    return path


def refused() -> str:
    with pytest.raises(SystemExit) as ended:
        read(Settings, "trial")
    return str(ended.value)


@pytest.mark.parametrize("written", [b"s3cret", b"s3cret\n", b"s3cret\r\n"])
def test_a_secret_may_be_in_a_file(secret: Path, written: bytes) -> None:
    """The newline at its end is no part of it."""
    secret.write_bytes(written)
    assert Settings().token.get_secret_value() == "s3cret"


def test_a_blank_is_part_of_it(secret: Path) -> None:
    """What else stands there was meant."""
    secret.write_bytes(b" s3cret \n")
    assert Settings().token.get_secret_value() == " s3cret "


def test_json_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the variable itself."""
    path = tmp_path / "keys"
    path.write_text('{"billing": ["new", "old"]}\n')
    monkeypatch.setenv("TRIAL_KEYS_SECRETS_FILE", str(path))
    assert [each.get_secret_value() for each in Settings().keys["billing"]] == ["new", "old"]


def test_without_a_file_all_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty name of a file counts as none, as any empty variable does."""
    monkeypatch.setenv("TRIAL_TOKEN_FILE", "")
    monkeypatch.setenv("TRIAL_TOKEN", "direct")
    assert Settings().token.get_secret_value() == "direct"


def test_given_twice_is_refused(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could say which counts."""
    secret.write_text("from-file")
    monkeypatch.setenv("TRIAL_TOKEN", "direct")
    said = refused()
    assert "TRIAL_TOKEN: given twice, by itself and by TRIAL_TOKEN_FILE" in said
    assert not {"from-file", "direct"} & set(said.split())


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (None, "can't be read: No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"s3cret\xff", "no text in UTF-8"),
    ],
)
def test_a_file_of_no_use_is_named(secret: Path, written: bytes | None, says: str) -> None:
    """The setting and the path, and nothing that stands there."""
    if written is not None:
        secret.write_bytes(written)
    said = refused()
    assert said.startswith(f"trial: wrong environment\nTRIAL_TOKEN_FILE: {str(secret)!r}")
    assert says in said
    assert "s3cret" not in said


def test_a_folder_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a volume wasn't mounted and the engine made its place."""
    monkeypatch.setenv("TRIAL_TOKEN_FILE", str(tmp_path))
    assert "can't be read: Is a directory" in refused()


def test_what_is_no_secret_is_not_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that ends in _FILE may be another program's."""
    monkeypatch.setenv("TRIAL_PLACE_FILE", str(tmp_path / "nothing"))
    assert Settings().place == "here"


def test_wrong_json_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a secret."""
    monkeypatch.setenv("TRIAL_KEYS_SECRETS", '{"billing": ["s3cret"')
    said = refused()
    assert "TRIAL_KEYS_SECRETS: it is not the JSON that it should be" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("module", "variable"), [("gateway.serve", "FARM_GATEWAY_KEYS"), ("store.migrations", "FARM_STORE_URL")]
)
def test_processes_without_such_settings_read_files_too(tmp_path: Path, module: str, variable: str) -> None:
    """What is wrong with one ends them in the same words."""
    environment = {"PATH": os.environ["PATH"], f"{variable}_FILE": str(tmp_path / "nothing")}
    command = [sys.executable, "-m", module]
    ran = subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, f"{variable}_FILE: " in ran.stderr) == (1, True)
    assert "Traceback" not in ran.stderr
