"""Which of the user's variables a stack takes, from a verb's options and the environment."""

from pathlib import Path

import pytest

from ops.errors import FarmError
from ops.stack.opening import plan_for, sandboxed_plan_for

MODEL_SERVER = "http://127.0.0.1:8231"


@pytest.fixture(autouse=True)
def real_crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names a real CRM."""
    monkeypatch.setenv("FARM_HOME", str(tmp_path))
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN", "real")


def test_a_stack_takes_the_real_crm() -> None:
    """What the environment names is used."""
    assert "sandbox-crm" not in plan_for("test", 0).launches


def test_a_demo_does_not() -> None:
    """A demo writes into no real CRM."""
    plan = sandboxed_plan_for("test", 0)
    assert "sandbox-crm" in plan.launches
    assert not any("real" in launch.env.values() for launch in plan.launches.values())


@pytest.mark.parametrize("plan_of", [plan_for, sandboxed_plan_for])
def test_a_model_server_takes_the_stand_ins_place(plan_of) -> None:
    """With --model-server the stand-in doesn't start, and the gateway alone is told the address."""
    plan = plan_of("test", 0, MODEL_SERVER)
    assert "sandbox-model" not in plan.launches
    told = [name for name, launch in plan.launches.items() if MODEL_SERVER in launch.env.values()]
    assert told == ["gateway"]


@pytest.fixture
def token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real CRM's token, in a file."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    monkeypatch.delenv("PIPEDRIVE_API_TOKEN")
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN_FILE", str(file))
    return file


@pytest.mark.usefixtures("token_file")
def test_a_secret_in_a_file_is_the_parts_variable() -> None:
    """Not both: a part that is given a secret twice refuses to start."""
    launches = plan_for("test", 0).launches
    assert "sandbox-crm" not in launches
    assert launches["starter"].env["PIPEDRIVE_API_TOKEN"] == "from-a-file"
    assert not any("PIPEDRIVE_API_TOKEN_FILE" in launch.env for launch in launches.values())


@pytest.mark.usefixtures("token_file")
def test_a_demo_takes_no_secret_from_a_file_either() -> None:
    """It writes into no real CRM."""
    launches = sandboxed_plan_for("test", 0).launches
    assert "sandbox-crm" in launches
    assert not any("from-a-file" in launch.env.values() for launch in launches.values())


def test_a_file_that_is_not_there_is_named(token_file: Path) -> None:
    """With its variable, before anything starts."""
    token_file.unlink()
    with pytest.raises(FarmError, match=r"PIPEDRIVE_API_TOKEN_FILE: .* can't be read"):
        plan_for("test", 0)
