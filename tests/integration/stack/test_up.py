"""The stack in the background: up, status, a decision from the command line, down, reset."""

import json
import os
import signal
import time

import httpx
import pytest

from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

CRM, TEMPORAL = 8201, 7233


@pytest.fixture(scope="module")
def up(farm: Farm) -> Farm:
    """A farm that is up in the background."""
    started = farm.run("up", "--detach", timeout=120)
    assert started.returncode == 0, started.stderr
    return farm


def test_status_shows_every_part(up: Farm) -> None:
    """Each part has a health, a process and a log."""
    parts = json.loads(up.run("status", "--json").stdout)["parts"]
    main = {name: part for name, part in parts.items() if name != "phoenix"}
    assert {part["health"] for part in main.values()} <= {"ready", "done"}
    assert all(part["log"].endswith(f"{name}.log") for name, part in parts.items())


def test_second_up_is_refused(up: Farm) -> None:
    """Starting it again says that it runs."""
    again = up.run("up")
    assert again.returncode == 1
    assert "runs already" in again.stderr


def test_reset_is_refused(up: Farm) -> None:
    """Data are not removed under a running stack."""
    assert "still runs" in up.run("reset").stderr


def test_decision_by_command_line(up: Farm) -> None:
    """A client's mail leads to a question, which is rejected from the command line; the run goes on to its end."""
    mail = {"deal_id": 42, "subject": "Devis", "body": "Pouvez-vous m'envoyer un devis pour 72 radiateurs ?"}
    httpx.post(f"http://127.0.0.1:{CRM + up.offset}/sandbox/mail-in", json=mail, trust_env=False).raise_for_status()
    question = _question(up)
    decided = up.run("reject", question, "--reason", "I call him", "--by", "claire")
    assert decided.stdout == "rejected by claire\n"
    late = up.run("approve", question)
    assert late.returncode == 1
    assert "too late" in late.stdout + late.stderr


def _question(farm: Farm) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if waiting := json.loads(farm.run("approvals", "--json").stdout):
            return str(waiting[0]["id"])
        time.sleep(0.5)
    raise AssertionError("nothing was asked")


def test_unknown_approval(up: Farm) -> None:
    """An approval that isn't there is named."""
    assert "no approval is called 'nope'" in up.run("approve", "nope").stderr


def test_down_ends_even_a_stack_without_its_runner(up: Farm) -> None:
    """With the runner killed outright, nothing is left either, and reset removes the data."""
    runner = json.loads((up.home / "local" / "stack.json").read_text())["runner"]["pid"]
    os.kill(runner, signal.SIGKILL)
    assert up.run("down").returncode == 0
    assert up.listens() == []
    assert up.run("reset").returncode == 0
    assert not (up.home / "local").exists()
