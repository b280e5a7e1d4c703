"""Which of the user's variables a stack takes, from a verb's options and the environment."""

from pathlib import Path

import pytest

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
