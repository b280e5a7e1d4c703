"""The worker is killed outright with two runs on it: one waits for a person, the other is in the middle of a write.

A person decides while nobody works, then another worker takes over. What the farm promises must hold for both.
"""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import select

from ops.places import ROOT
from store.database import Database
from store.model_calls import ModelCalls
from store.prices import Prices
from store.story import usage_of
from store.tables import EffectRow
from telemetry.setup import SEND_AFTER_MS
from tests.integration.processes import environment_python, started
from tests.integration.stack.conftest import CRM, Farm, until
from tests.integration.trace_store import TraceStore

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(300)]

WAITS, WRITES = 42, 27
BOTH = pytest.mark.parametrize("deal", [WAITS, WRITES])
ASKS_FOR_A_QUOTE = "Pouvez-vous m'envoyer un devis pour 72 radiateurs ?"
THREATENS = "Sans réponse sous huitaine, je transmets le dossier à notre avocat."  # a note and a task, and no mail
SLOW = {"path_prefix": "/v1/notes", "method": "POST", "delay_ms": 8_000}
TEMPORAL, PHOENIX, WORKER = 7233, 6006, 8301
AGENT_USER = 90


@dataclass(frozen=True)
class Survivor:
    """A farm whose worker was killed and replaced, with both runs at their end."""

    farm: Farm
    stories: dict[int, dict[str, Any]]

    @property
    def traces(self) -> TraceStore:
        environment_python("phoenix")
        return TraceStore(self.farm.at(PHOENIX))


@pytest.fixture(scope="module")
def survivor(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survivor]:
    begun = farm.run("up", "--detach", timeout=120)
    assert begun.returncode == 0, begun.stderr
    _phoenix_listens(farm)  # a killed worker takes with it what it couldn't send
    farm.mail(WAITS, ASKS_FOR_A_QUOTE)
    question = farm.question(f"deal:{WAITS}")
    httpx.post(f"{farm.at(CRM)}/sandbox/faults", json=SLOW, trust_env=False).raise_for_status()
    farm.mail(WRITES, THREATENS)
    until(lambda: _is_writing(farm) or None, "the note to be begun")
    asyncio.run(asyncio.sleep(3 * SEND_AFTER_MS / 1000))
    argv, env = _kill_worker(farm)
    assert _is_writing(farm), "the kill came too late to hit the write"
    _approve_by_signal(farm, question)
    log = tmp_path_factory.mktemp("worker") / "second.log"
    with started(argv, env, ready=f"{farm.at(WORKER)}/healthz", log=log):
        yield Survivor(farm, {deal: farm.whole_story(f"deal:{deal}") for deal in (WAITS, WRITES)})


def _phoenix_listens(farm: Farm) -> None:
    environment_python("phoenix")

    def health() -> str | None:
        part = json.loads(farm.run("status", "--json").stdout)["parts"]["phoenix"]
        return part["health"] if part["health"] == "ready" else None

    until(health, "Phoenix", 180)


def _is_writing(farm: Farm) -> bool:
    """Whether the note of the second run was begun, and hasn't been answered."""
    return asyncio.run(_pending(_state(farm)["store_url"]))


async def _pending(store_url: str) -> bool:
    db = Database(store_url)
    try:
        async with db.session() as session:
            calls = await session.scalars(select(EffectRow.call).where(EffectRow.state == "pending"))
            return any((call["tool"], call["arguments"]["deal_id"]) == ("add_note", WRITES) for call in calls)
    finally:
        await db.close()


def _state(farm: Farm) -> dict[str, Any]:
    return dict(json.loads((Path(farm.home) / "local" / "stack.json").read_text()))


def _kill_worker(farm: Farm) -> tuple[list[str], dict[str, str]]:
    """SIGKILL: what it was started with, for another one."""
    worker = psutil.Process(_state(farm)["parts"]["worker-sales"]["process"]["pid"])
    argv, env = worker.cmdline(), worker.environ()
    worker.kill()
    psutil.wait_procs([worker], timeout=10)
    return argv, env


def _approve_by_signal(farm: Farm, question: dict[str, Any]) -> None:
    decision = json.dumps({"approval": question["id"], "verdict": "approve"})
    address = farm.at(TEMPORAL).removeprefix("http://")
    where = ["--address", address, "--workflow-id", question["workflow_id"]]
    words = ["workflow", "signal", *where, "--name", "decide", "--input", decision]
    subprocess.run([ROOT / ".venv/bin/temporal", *words], check=True, capture_output=True, timeout=30)


@BOTH
def test_run_ends_well_elsewhere(survivor: Survivor, deal: int) -> None:
    """Another worker takes the run to its end; it is still the first and only one of its deal."""
    run = survivor.stories[deal]["run"]
    assert (run["run"], run["status"]) == (f"sales:deal:{deal}/run-1", "done")


@BOTH
def test_one_note(survivor: Survivor, deal: int) -> None:
    """The CRM has exactly one note of the agent's on the deal, wherever the kill fell."""
    changes = survivor.farm.crm("changes", deal_id=deal)["changes"]
    ours = [each["entity"] for each in changes if each["user_id"] == AGENT_USER and each["action"] == "create"]
    assert (ours.count("note"), ours.count("activity")) == (1, 1)


def test_one_mail(survivor: Survivor) -> None:
    """What was approved while no worker lived is sent, once."""
    [mail] = survivor.farm.crm("outbox")["mails"]
    assert mail["deal_ids"] == [WAITS]


def test_decision_outlives_the_worker(survivor: Survivor) -> None:
    """The decision is on record as the operator's, with what it let run."""
    [decided] = [each for each in survivor.stories[WAITS]["moments"] if each["kind"] == "decided"]
    approval = decided["approval"]
    assert (approval["status"], approval["decision"]["channel"]) == ("approved", "operator")
    assert approval["approved_arguments"] == approval["request"]["arguments"]


@BOTH
def test_nothing_is_told_twice(survivor: Survivor, deal: int) -> None:
    """In the story each step of tools and models stands once, and so does each effect."""
    calls = [each for each in survivor.stories[deal]["moments"] if each["kind"] in ("tool", "model")]
    assert calls
    for key in ("step", "effect_key"):
        values = [each[key] for each in calls if each.get(key)]
        assert len(values) == len(set(values))


@BOTH
def test_one_trace_priced_once(survivor: Survivor, deal: int) -> None:
    """Phoenix has one trace with one AGENT span, and an LLM span for each model call that has the farm's own cost."""
    story = survivor.stories[deal]
    run, thought = story["run"], [each for each in story["moments"] if each["kind"] == "model"]
    agents = until(lambda: _spans(survivor, run["run"], "AGENT") or None, "the run's own span", 30)
    assert [span["context"]["trace_id"] for span in agents] == [run["trace_id"]]
    models = until(lambda: _as_many(_spans(survivor, run["run"], "LLM"), len(thought)), "a span for each call", 30)
    assert len(models) == len(thought)
    assert [each["role"] for each in thought if each["batch"]] == ["insight"]
    assert {span["context"]["trace_id"] for span in models} == {run["trace_id"]}
    told = sum(span["attributes"]["llm.cost.total"] for span in models)
    assert told == pytest.approx(story["cost_usd"], rel=0.01)


@BOTH
def test_the_trace_stores_own_sum_is_at_the_prices_that_it_knows(survivor: Survivor, deal: int) -> None:
    """Each call that went by itself, once. It has no price of a batch, and one for all that is written to a cache."""
    run = survivor.stories[deal]["run"]
    expected = asyncio.run(_at_known_prices(_state(survivor.farm)["store_url"], run["run"]))
    assert survivor.traces.cost(run["trace_id"]) == pytest.approx(expected, rel=0.01)


async def _at_known_prices(store_url: str, run: str) -> float:
    db = Database(store_url)
    try:
        prices, calls = await Prices(db).all(), await ModelCalls(db).of_run(run)
        return sum(prices[each.price_version].cost(usage_of(each)) for each in calls if not each.batch)
    finally:
        await db.close()


def _as_many(spans: list[dict[str, Any]], wanted: int) -> list[dict[str, Any]] | None:
    return spans if len(spans) >= wanted else None


def _spans(survivor: Survivor, run: str, kind: str) -> list[dict[str, Any]]:
    found = survivor.traces.spans()
    return [span for span in found if span["span_kind"] == kind and span["attributes"].get("farm.run") == run]
