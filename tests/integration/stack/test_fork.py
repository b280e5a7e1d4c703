"""A real run on a real stack, made again through the real gateway: nothing outside the record changes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(400)]

RUN = "sales:deal:42/run-1"
OUTSIDE = {
    "sandbox-crm": ("records", "changes", "outbox"),
    "sandbox-slack": ("messages",),
    "farm": ("insights", "effects", "tool_ledger"),
}
"""Database -> tables that a side effect would leave a trace in: CRM, Slack, memory, the journals."""

OWN = ("runs", "model_calls", "tool_calls", "kits")


@pytest.fixture(scope="module")
def lived(farm: Farm) -> Farm:
    """A stack that is up, with one run on record whose mail a person approved."""
    started = farm.run("up", "--detach", timeout=180)
    assert started.returncode == 0, started.stderr
    farm.mail(42, "Pouvez-vous m'envoyer un devis pour 72 radiateurs ?")
    assert farm.run("approve", farm.question("deal:42")["id"]).returncode == 0
    assert farm.whole_story("deal:42")["run"]["status"] == "done"
    return farm


def rows(farm: Farm, database: str, tables: tuple[str, ...]) -> Iterator[tuple[str, list[Any]]]:
    with closing(sqlite3.connect(farm.home / "local" / f"{database}.db")) as connection:
        for table in tables:
            yield table, connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2').fetchall()


def outside(farm: Farm) -> dict[str, dict[str, list[Any]]]:
    return {database: dict(rows(farm, database, tables)) for database, tables in OUTSIDE.items()}


def own(farm: Farm) -> dict[str, list[Any]]:
    """What is on record of the run itself."""
    return {table: [row for row in found if row[0] == RUN] for table, found in rows(farm, "farm", OWN)}


def forked(farm: Farm, *words: str) -> dict[str, Any]:
    done = farm.run("fork", *words, "--json", timeout=180)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_fork_asks_another_model_and_changes_nothing(lived: Farm) -> None:
    """CRM, Slack, memory and the run's record are row for row what they were; the ledger has the fork's own calls."""
    before = outside(lived), own(lived)
    told = forked(lived, "deal:42", "--at", "orchestrate-1", "--model", "orchestrator=triage")
    assert (outside(lived), own(lived)) == before
    assert all(before[0]["sandbox-crm"].values())
    assert told["status"] == {"then": "done", "now": "done"}
    assert told["dry_writes"]
    asked = {step["step"]: step["how"] for step in told["steps"] if step["kind"] == "model"}
    assert asked["triage-1"] == "record"
    assert asked["orchestrate-1"] == "asked"
    story = json.loads(lived.run("trace", "fork-1", "--json").stdout)
    calls = {each["step"]: each for each in story["moments"] if each["kind"] == "model"}
    assert calls["triage-1"]["cost_usd"] == 0
    assert calls["orchestrate-1"]["role"] == "triage"
    assert 0 < calls["orchestrate-1"]["cost_usd"] < told["cost_then_usd"]
    assert story["cost_usd"] == pytest.approx(told["cost_now_usd"])


def test_a_fork_is_not_the_deals_latest_run(lived: Farm) -> None:
    """Who asks after the deal is told what was really done."""
    assert json.loads(lived.run("trace", "deal:42", "--json").stdout)["run"]["run"] == RUN


def test_many_runs_are_forked_at_once(lived: Farm) -> None:
    """Every finished run of the agent, and no fork."""
    (told,) = json.loads(lived.run("fork", "--agent", "sales", "--since", "1d", "--json", timeout=180).stdout)
    assert (told["origin"], told["turn"]) == (RUN, 0)


def test_every_record_verifies(lived: Farm) -> None:
    """The run's and the forks'."""
    checked = lived.run("trace", "--verify", "--all", "--json")
    assert checked.returncode == 0, checked.stdout
    assert len(json.loads(checked.stdout)["runs"]) == 3


def test_real_histories_replay(lived: Farm) -> None:
    """The deal's, its run's, what the run learnt after it, and the agent's collector's, as the server has them."""
    done = lived.run("replay", "--from-temporal", "--agent", "sales", "--json")
    assert done.returncode == 0, done.stderr
    assert {each["history"] for each in json.loads(done.stdout)["histories"]} == {
        "sales:deal:42",
        RUN,
        f"{RUN}/learn",
        "collector:sales",
    }


def test_a_fork_starts_what_it_needs(lived: Farm) -> None:
    """With the stack down, the parts that it needs are started for it, and gone when it is done."""
    assert lived.run("down").returncode == 0
    told = forked(lived, RUN, "--at", "learn-1", "--offline")
    assert told["status"]["now"] == "done"
    assert lived.listens() == []
