"""The main job, whole: `./farm demo --yes --json`, every part a real process."""

import json
import subprocess
from typing import Any

import pytest

from tests.integration.processes import environment_python
from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def done(farm: Farm) -> "subprocess.CompletedProcess[str]":
    """The demo, run once for all tests of this file."""
    finished = farm.run("demo", "--yes", "--json", timeout=240)
    assert finished.returncode == 0, finished.stderr
    return finished


@pytest.fixture(scope="module")
def outcome(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_burst_makes_one_run(outcome: dict[str, Any]) -> None:
    """A dozen changes of a deal within seconds are one run, with every change in it."""
    assert outcome["runs"] == 1
    assert outcome["events_merged"] == 12


def test_noise_is_skipped(outcome: dict[str, Any]) -> None:
    """Noise on other deals ends at triage, and the agent's own write at the door."""
    assert outcome["skipped"] == 4
    assert outcome["ignored"] >= 1
    assert outcome["events_in"] == 16


def test_person_approved_one_mail(outcome: dict[str, Any]) -> None:
    """One mail was asked about, approved in Slack by a person, and sent once."""
    [approval] = outcome["approvals"]
    assert (approval["tool"], approval["status"], approval["channel"]) == ("crm__send_mail", "approved", "slack")
    assert [mail["subject"] for mail in outcome["mails_sent"]] == [approval["approved_arguments"]["subject"]]
    assert approval["executed_arguments"] == approval["approved_arguments"]


def test_the_question_says_what_it_rests_on(outcome: dict[str, Any]) -> None:
    """Why the agent wants it, what it had read, and that strangers wrote some of that."""
    [approval] = outcome["approvals"]
    assert "I propose" in approval["wish"]
    assert "get deal: deal_id 42" in approval["read"]
    assert approval["tainted"]


def test_crm_changed(outcome: dict[str, Any]) -> None:
    """The agent wrote a note and planned an activity."""
    created = {change["entity"] for change in outcome["crm_changes"] if change["action"] == "create"}
    assert {"note", "activity"} <= created


def test_cost_is_known(outcome: dict[str, Any]) -> None:
    """Every run has its price, and the model says that it is no language model."""
    assert 0 < outcome["cost_usd"] < 1
    assert outcome["model_is_stand_in"]


def test_links(outcome: dict[str, Any]) -> None:
    """The trace's address holds the run's trace id."""
    assert outcome["trace_id"] in outcome["trace_url"]
    assert outcome["workflow_id"] == "sales:deal:42/run-1"


def test_trace_is_whole(farm: Farm, outcome: dict[str, Any]) -> None:
    """Phoenix has the run as one AGENT span, with an LLM span for each model call on the farm's own record."""
    environment_python("phoenix")
    told = json.loads(farm.run("trace", outcome["workflow_id"], "--json").stdout)
    thought = [moment for moment in told["moments"] if moment["kind"] == "model"]
    assert outcome["trace_ready"]
    assert (outcome["trace_spans"]["AGENT"], outcome["trace_spans"]["LLM"]) == (1, len(thought))


def test_ready_in_time(outcome: dict[str, Any]) -> None:
    """An installed farm takes events in less than 25 seconds after the start."""
    assert outcome["ready_after_s"] < 25


def test_decision_is_explained(done: "subprocess.CompletedProcess[str]") -> None:
    """The demo says how to decide in each of the ways."""
    for way in ("./farm approve", "temporal workflow signal", "tctl", "/?channel=C0SALES"):
        assert way in done.stderr


def test_nothing_is_left_running(farm: Farm, outcome: dict[str, Any]) -> None:
    """After the demo no port of it is listened on."""
    assert outcome
    assert farm.listens() == []
    assert farm.run("status").returncode == 3


def test_story_outlives_the_stack(farm: Farm, outcome: dict[str, Any]) -> None:
    """`trace` tells the run from the farm's own records, with nothing running."""
    told = json.loads(farm.run("trace", "deal:42", "--json").stdout)
    assert told["run"]["run"] == outcome["workflow_id"]
    assert {moment["kind"] for moment in told["moments"]} == {"event", "model", "tool", "asked", "decided"}
    assert "U0CLAIRE" in farm.run("trace", "sales:deal:42/run-1").stdout
