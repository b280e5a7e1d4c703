"""The stack in the background: up, status, a decision from the command line, down, reset."""

import json
import os
import signal
from typing import Any

import pytest

from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(240)]

ASKS_FOR_A_QUOTE = "Pouvez-vous m'envoyer un devis pour 72 radiateurs ?"
DEALS = {"reject": 42, "approve": 25, "edit": 29}


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


@pytest.fixture(scope="module")
def questions(up: Farm) -> dict[str, dict[str, Any]]:
    """A question for each verb: a client's mail on a deal of its own, all at once."""
    for deal in DEALS.values():
        up.mail(deal, ASKS_FOR_A_QUOTE)
    return {verb: up.question(f"deal:{deal}") for verb, deal in DEALS.items()}


def _approval(farm: Farm, verb: str) -> dict[str, Any]:
    """How the verb's question stands in the story of its run, at the run's end."""
    [decided] = [each for each in farm.story(f"deal:{DEALS[verb]}")["moments"] if each["kind"] == "decided"]
    return dict(decided["approval"])


def _sent(farm: Farm, deal: int) -> list[str]:
    return [mail["subject"] for mail in farm.crm("outbox")["mails"] if mail["deal_ids"] == [deal]]


def test_reject_by_command_line(up: Farm, questions: dict[str, dict[str, Any]]) -> None:
    """A rejected mail isn't sent, the run goes on to its end, and a later decision is too late."""
    question = questions["reject"]["id"]
    decided = up.run("reject", question, "--reason", "I call him", "--by", "claire")
    assert decided.stdout == "rejected by claire\n"
    approval = _approval(up, "reject")
    assert (approval["status"], approval["decision"]["reason"]) == ("rejected", "I call him")
    assert _sent(up, DEALS["reject"]) == []
    late = up.run("approve", question)
    assert late.returncode == 1
    assert "too late" in late.stdout + late.stderr


def test_approve_by_command_line(up: Farm, questions: dict[str, dict[str, Any]]) -> None:
    """An approved mail is sent once, as it was proposed, and the record says who approved by which way."""
    question = questions["approve"]
    assert up.run("approve", question["id"], "--by", "tom").stdout == "approved by tom\n"
    approval = _approval(up, "approve")
    assert (approval["decision"]["by"], approval["decision"]["channel"]) == ("tom", "cli")
    assert approval["approved_arguments"] == question["arguments"]
    assert _sent(up, DEALS["approve"]) == [question["arguments"]["subject"]]


def test_edit_by_command_line(up: Farm, questions: dict[str, dict[str, Any]]) -> None:
    """An edited mail is sent once, with the person's arguments; the proposed ones stay on record."""
    question = questions["edit"]
    mine = {**question["arguments"], "subject": "Votre devis, corrigé"}
    edited = up.run("edit", question["id"], "--arguments", json.dumps(mine), "--by", "ines")
    assert edited.returncode == 0, edited.stderr
    approval = _approval(up, "edit")
    assert approval["approved_arguments"] == mine
    assert approval["request"]["arguments"] == question["arguments"]
    assert _sent(up, DEALS["edit"]) == ["Votre devis, corrigé"]


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
