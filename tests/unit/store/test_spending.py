from datetime import UTC, datetime, timedelta

import pytest

from contracts.calls import CallSite, ModelCall, ModelReply, Usage
from store.database import Database
from store.model_calls import Bill, ModelCalls
from store.runs import Runs
from store.spending import SPLITS, Header, Miss, RunCosts, Spending, Split
from tests.unit.store.samples import rates, run_record

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
RUN, OTHER = "sales:deal:42/run-1", "support:case:7/run-1"


async def spend(
    db: Database,
    run: str = RUN,
    step: str = "orchestrate-1",
    *,
    role: str = "orchestrator",
    model: str = "sonnet",
    at: datetime = MIDNIGHT,
    tokens: int = 100,
    fallback: bool = False,
    **bill: object,
) -> None:
    usage = Usage(input_tokens=tokens, output_tokens=2 * tokens, cache_read_tokens=3 * tokens)
    call = ModelCall(site=CallSite(run=run, step=step), role=role, prompt="p")
    reply = ModelReply(head=f"{run} {step}", model=model, usage=usage, cost_usd=tokens / 1000, fallback=fallback)
    its = Bill.model_validate({"rates": rates(), **bill})
    await ModelCalls(db).record(call, reply, asked=model, latency_s=1, at=at, bill=its)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("agent", ["sales", "support"]),
        ("entity", ["case:7", "deal:42"]),
        ("role", ["orchestrator", "triage"]),
        ("model", ["haiku", "sonnet"]),
        ("day", ["2026-11-23", "2026-11-24"]),
    ],
)
async def test_what_was_spent_is_split_as_it_is_asked_for(db: Database, by: Split, keys: list[str]) -> None:
    """Each call counts once, whichever way it is split; a day is one in UTC."""
    assert by in SPLITS
    await spend(db)
    await spend(db, OTHER, "triage-1", role="triage", model="haiku", at=MIDNIGHT - timedelta(seconds=1))
    spent = await Spending(db).split(by, MIDNIGHT - timedelta(days=2))
    assert sorted(each.key for each in spent) == keys
    assert sum(each.calls for each in spent) == 2
    assert sum(each.cost_usd for each in spent) == pytest.approx(0.2)
    assert sum((each.usage for each in spent), Usage()).cache_read_tokens == 600


async def test_calls_that_were_priced_alike_are_one_line(db: Database) -> None:
    """And those by another price, or in a batch, another: their tokens can't be priced together."""
    for step, bill in enumerate([{}, {}, {"rates": rates(version="test #2")}, {"batch": True}, {"rates": None}]):
        await spend(db, step=f"s-{step}", **bill)
    spent = await Spending(db).split("agent", MIDNIGHT)
    assert sorted((each.price_version, each.batch, each.calls) for each in spent) == [
        ("", False, 1),
        ("test #1", False, 2),
        ("test #1", True, 1),
        ("test #2", False, 1),
    ]


async def test_only_the_time_that_is_asked_for_counts(db: Database) -> None:
    """From its beginning on, and not its end."""
    for hour in range(4):
        await spend(db, step=f"s-{hour}", at=MIDNIGHT + timedelta(hours=hour))
    spent = await Spending(db).split("agent", MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=3))
    assert [each.calls for each in spent] == [2]
    assert await Spending(db).begun() == MIDNIGHT


async def test_standbys_and_answers_for_nothing_are_counted(db: Database) -> None:
    """A silent downgrade would be one that no sum shows."""
    await spend(db, step="a", fallback=True)
    await spend(db, step="b", cached=True, cache_write_1h_tokens=7)
    (spent,) = await Spending(db).split("agent", MIDNIGHT)
    assert (spent.fallbacks, spent.cached, spent.cache_write_1h_tokens) == (1, 1, 7)


async def test_runs_are_told_apart_by_whether_triage_stopped_them(db: Database) -> None:
    """A sub-agent's cost is in its run's, a fork's in nobody's, and what isn't finished says nothing yet."""
    for number, (name, status) in enumerate(
        [
            ("sales:deal:1/run-1", "done"),
            ("sales:deal:2/run-1", "done"),
            ("sales:deal:1/run-1/orchestrate-1.1:scout", "done"),
            ("sales:deal:3/run-1", "skipped"),
            ("sales:deal:4/run-1", "running"),
            ("fork-1:sales:deal:1/run-1", "done"),
        ]
    ):
        await Runs(db).record(run_record(name, status=status, at=MIDNIGHT, cost_usd=float(number + 1)))
    costs = await Spending(db).runs(MIDNIGHT)
    assert sorted(costs, key=lambda each: each.skipped) == [
        RunCosts(skipped=False, runs=2, cost_usd=3.0),
        RunCosts(skipped=True, runs=1, cost_usd=4.0),
    ]
    assert await Spending(db).runs(MIDNIGHT + timedelta(seconds=1)) == []


async def test_a_header_is_told_once_with_its_time(db: Database) -> None:
    """Of an agent's role; calls of before headers were noted have none."""
    for minute, header in enumerate(["aa", "aa", "bb", ""]):
        await spend(db, step=f"orchestrate-{minute}", at=MIDNIGHT + timedelta(minutes=minute), header=header)
    first, second = await Spending(db).headers(MIDNIGHT)
    assert first == Header(
        agent="sales",
        role="orchestrator",
        phase="orchestrate",
        header="aa",
        calls=2,
        first=MIDNIGHT,
        last=MIDNIGHT + timedelta(minutes=1),
        run=RUN,
    )
    assert (second.header, second.calls) == ("bb", 1)


async def test_lost_caches_are_counted_by_reason(db: Database) -> None:
    """Calls that lost none aren't."""
    for step, why in enumerate(["", "expired", "expired", "changed"]):
        await spend(db, step=f"s-{step}", cache_miss=why)
    assert await Spending(db).misses(MIDNIGHT) == [
        Miss(role="orchestrator", reason="changed", calls=1),
        Miss(role="orchestrator", reason="expired", calls=2),
    ]
