"""`./farm cost`, on a real ledger."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from contracts.agents import Kit
from contracts.calls import CallSite, ModelCall, ModelReply, Usage
from ops.errors import FarmError
from ops.verbs.cost import begin
from store.database import Database
from store.kits import Kits
from store.model_calls import Bill, ModelCalls
from store.runs import Runs
from tests.unit.ops.verbs.conftest import Records
from tests.unit.store.samples import rates, run_record

NOW = datetime.now(UTC)
SONNET = rates()
HAIKU = rates(model="haiku", version="test #2", input=1e-6, output=5e-6)
USAGE = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=9000)


async def three_calls(db: Database) -> None:
    for run, role, price, miss in (
        ("sales:deal:42/run-1", "orchestrator", SONNET, "expired"),
        ("sales:deal:42/run-1", "triage", HAIKU, ""),
        ("support:case:7/run-1", "triage", HAIKU, ""),
    ):
        call = ModelCall(site=CallSite(run=run, step=f"{role}-1"), role=role, prompt="p")
        reply = ModelReply(head="h", model=price.model, usage=USAGE, cost_usd=price.cost(USAGE))
        bill = Bill(rates=price, cache_miss=miss)
        await ModelCalls(db).record(call, reply, asked=price.model, latency_s=1, at=NOW, bill=bill)
    for run, entity, status, cost in (
        ("sales:deal:42/run-1", "deal:42", "done", 0.5),
        ("support:case:7/run-1", "case:7", "skipped", 0.1),
    ):
        await Runs(db).record(run_record(run, entity=entity, status=status, at=NOW, cost_usd=cost))


@pytest.fixture
def ledger(on_record: Records) -> Records:
    on_record.do(three_calls)
    return on_record


def told(ledger: Records, *words: str) -> dict:
    result = ledger.farm("cost", *words, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_what_was_spent_is_told_by_agent(ledger: Records) -> None:
    """The dearest first, with a sum; the runs beside it, and what their caches did."""
    report = told(ledger)
    assert [(each["key"], each["calls"]) for each in report["lines"]] == [("sales", 2), ("support", 1)]
    assert report["total"]["cost_usd"] == pytest.approx(SONNET.cost(USAGE) + 2 * HAIKU.cost(USAGE))
    assert report["total"]["cache_hit_rate"] == 0.9
    assert report["runs"] == {"done": 1, "done_usd": 0.5, "skipped": 1, "skipped_usd": 0.1}
    assert report["triage_saved_usd"] == pytest.approx(0.4)
    assert report["misses"] == [{"role": "orchestrator", "reason": "expired", "calls": 1}]
    assert report["cache_saved_usd"] == pytest.approx(9000 * (2.7e-6 + 2 * (1e-6 - 3e-7)))
    assert report["forecast"]["so_far_usd"] == pytest.approx(report["total"]["cost_usd"])


def test_what_another_model_had_cost_is_counted_on_the_same_tokens(ledger: Records) -> None:
    """By the price that a model of that name was paid by, in that role alone."""
    report = told(ledger, "--if", "orchestrator=haiku", "--by", "role")
    by_role = {each["key"]: each for each in report["lines"]}
    assert by_role["orchestrator"]["if_usd"] == pytest.approx(HAIKU.cost(USAGE))
    assert by_role["triage"]["if_usd"] == pytest.approx(by_role["triage"]["cost_usd"])


@pytest.mark.parametrize("wish", ["orchestrator", "=haiku", "orchestrator=nobodys-model-1"])
def test_a_wish_that_cannot_be_priced_is_refused(ledger: Records, wish: str) -> None:
    """In words, and not as a cost of nothing."""
    assert isinstance(ledger.farm("cost", "--if", wish).exception, FarmError)


def test_the_table_has_a_line_and_a_bar_for_each(ledger: Records) -> None:
    """And says in sentences what the sums don't."""
    text = ledger.farm("cost", "--by", "model").stdout
    assert "sonnet" in text
    assert "█" in text
    assert "1 turn of orchestrator lost the vendor's cache: its time was over." in text
    assert "Triage saved about $0.4000" in text
    assert f"{NOW:%Y-%m} will come to about $" in text


async def a_batch_and_an_answer_of_before(db: Database) -> None:
    """Two calls beside the others: one at half the price, and one that asked nobody."""
    for step, role, usage, cost, bill in (
        ("learn-1", "insight", USAGE, HAIKU.cost(USAGE, batch=True), Bill(rates=HAIKU, batch=True)),
        ("triage-2", "triage", Usage(), 0.0, Bill(cached=True)),
    ):
        call = ModelCall(site=CallSite(run="sales:deal:42/run-1", step=step), role=role, prompt="p")
        reply = ModelReply(head="h", model="haiku", usage=usage, cost_usd=cost)
        await ModelCalls(db).record(call, reply, asked="haiku", latency_s=1, at=NOW, bill=bill)


def test_batches_and_answers_of_before_are_told(ledger: Records) -> None:
    """How many, and what the batches saved; what asked nobody is not missing a price."""
    ledger.do(a_batch_and_an_answer_of_before)
    text, report = ledger.farm("cost").stdout, told(ledger)
    assert f"1 call went in batches, which saved ${HAIKU.cost(USAGE) / 2:.4f}." in text
    assert "1 call answered from the run's own record, for nothing." in text
    assert report["batch_saved_usd"] == pytest.approx(HAIKU.cost(USAGE) / 2)
    assert (report["total"]["cached"], report["unpriced_calls"]) == (1, 0)


async def two_headers(db: Database) -> None:
    """Two runs of one kit that began otherwise, and one with another prompt."""
    for number, (header, prompt) in enumerate([("aa", "p"), ("bb", "p"), ("cc", "q")]):
        run = f"sales:deal:{number}/run-1"
        await Kits(db).record(run, Kit(prompts={"triage": prompt}), {})
        call = ModelCall(site=CallSite(run=run, step="triage-1"), role="triage", prompt="triage")
        at = NOW - timedelta(hours=3 - number)
        bill = Bill(rates=HAIKU, header=header)
        await ModelCalls(db).record(call, ModelReply(head="h"), asked="haiku", latency_s=1, at=at, bill=bill)


def test_a_beginning_that_changes_without_cause_is_told(on_record: Records) -> None:
    """In which run; a new prompt is told of, and is no mistake."""
    on_record.do(two_headers)
    text = on_record.farm("cost").stdout
    assert "1 time the beginning of requests changed though the runs' kits were the same" in text
    assert "as in sales:deal:1/run-1 (triage in triage)" in text
    assert "sales, triage in triage: new prompts" in text


def test_the_lines_come_as_csv(ledger: Records) -> None:
    """One for each, named by what they are split by."""
    rows = list(csv.DictReader(io.StringIO(ledger.farm("cost", "--by", "entity", "--csv").stdout)))
    assert [row["entity"] for row in rows] == ["deal:42", "case:7"]
    assert "if_usd" not in rows[0]
    assert float(rows[1]["cost_usd"]) == pytest.approx(HAIKU.cost(USAGE))


def test_nothing_spent_is_said_in_words(on_record: Records) -> None:
    """An empty table would be a puzzle."""
    assert "No model was called since" in on_record.farm("cost").stdout


def test_a_beginning_is_a_span_or_a_day() -> None:
    """And anything else is refused with what to write."""
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert begin("7d", now) == now - timedelta(days=7)
    assert begin("2026-11-01", now) == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(FarmError, match="neither a span of time nor a day"):
        begin("yesterday", now)
