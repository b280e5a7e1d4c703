"""The sweep takes what nothing refers to, and leaves every run that stays whole."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from contracts.agents import Kit
from contracts.calls import CallSite, ModelCall, RunRecord, ToolCall, ToolReply
from store.approvals import Approvals
from store.blobs import Blobs
from store.database import Database
from store.effects import Effects, Ending
from store.intact import faults
from store.kept import Keeping
from store.kits import Kits
from store.model_calls import ModelCalls
from store.retention import OldRun, Retention, choose
from store.runs import Runs
from store.story import story
from store.tables import ApprovalHistoryRow, BlobRow, EffectRow, ForkRow, TurnRow
from store.tool_calls import ToolCalls
from store.transcripts import Transcripts
from tests.unit.store.samples import approval, model_reply

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
FORK = "fork-1:sales:deal:1/run-1"


async def enter(
    db: Database,
    run: str,
    words: list[str],
    *,
    days_ago: int = 100,
    status: str = "done",
    origin: str = "",
) -> None:
    """A run with a conversation, a tool call for each of its turns, and a kit."""
    at = NOW - days_ago * DAY
    entity = run.partition(":")[2].partition("/")[0]
    await Runs(db).record(RunRecord(run=run, agent="sales", entity=entity, status=status, phase="x", at=at))
    await Kits(db).record(run, Kit(prompts={"triage": await Blobs(db).put("You sort.")}), {})
    head = ""
    for number, word in enumerate(words, start=1):
        site = CallSite(run=run, step=f"orchestrate-{number}")
        parent, head = head, await Transcripts(db).append(head, [{"role": "user", "content": word}])
        call = ModelCall(site=site, role="orchestrator", prompt="orchestrate", head=parent)
        reply = model_reply().model_copy(update={"head": head})
        await ModelCalls(db).record(call, reply, asked="m", latency_s=1, at=at)
        ref = await Blobs(db).put(f"result {word}")
        tool = ToolCall(site=site, server="crm", tool="get_deal", arguments={})
        await ToolCalls(db).record(tool, ToolReply(ref=ref), latency_s=1, at=at)
    if origin:
        async with db.session() as session:
            session.add(ForkRow(run=run, origin=origin, wish={}, begun_at=at))


async def age(db: Database, days: int = 100) -> None:
    """All turns and texts as if stored so long ago."""
    async with db.session() as session:
        for row in (TurnRow, BlobRow):
            await session.execute(update(row).values(recorded_at=NOW - days * DAY))


async def count(db: Database, row: type) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(row)) or 0


async def names(db: Database) -> set[str]:
    return set(await Runs(db).all())


async def test_what_a_run_refers_to_stays(db: Database) -> None:
    """However old the run: without an age asked for, no run goes, and nothing of one."""
    await enter(db, "sales:deal:1/run-1", ["a", "b"], days_ago=1000)
    await age(db)
    assert (await Retention(db).sweep()).model_dump(include={"turns", "texts", "runs"}) == {
        "turns": 0,
        "texts": 0,
        "runs": (),
    }
    assert await faults(db, "sales:deal:1/run-1") == []


async def test_what_nothing_refers_to_goes(db: Database) -> None:
    """A turn whose call was never entered (a worker died), and a text that no call names."""
    await enter(db, "sales:deal:1/run-1", ["a"])
    await Transcripts(db).append("", [{"role": "user", "content": "lost"}])
    await Blobs(db).put("lost")
    await age(db)
    swept = await Retention(db).sweep()
    assert (swept.turns, swept.texts) == (1, 1)
    assert (await count(db, TurnRow), await count(db, BlobRow)) == (1, 2)


async def test_a_dry_run_only_says(db: Database) -> None:
    """The same numbers, and everything still there."""
    for number in (1, 2):
        await enter(db, f"sales:deal:1/run-{number}", [f"a{number}"])
    await age(db)
    said = await Retention(db).sweep(older_than=90 * DAY, dry_run=True)
    assert (said.runs, said.turns, said.texts) == (("sales:deal:1/run-1",), 1, 1)
    assert await names(db) == {"sales:deal:1/run-1", "sales:deal:1/run-2"}
    done = await Retention(db).sweep(older_than=90 * DAY)
    assert (done.runs, done.turns, done.texts) == (said.runs, said.turns, said.texts)


async def test_what_was_stored_lately_stays(db: Database) -> None:
    """A worker has stored a turn and not yet entered its call: the sweep comes in between, and the run goes on."""
    await enter(db, "sales:deal:1/run-1", ["a"])
    old = await Transcripts(db).append("", [{"role": "user", "content": "old"}])
    await age(db)
    young = await Transcripts(db).append(old, [{"role": "user", "content": "young"}])
    ref = await Blobs(db).put("young")
    assert (await Retention(db).sweep()).turns == 0
    assert await Transcripts(db).verify(young) == []
    assert await Blobs(db).get(ref) == "young"


async def test_an_old_text_put_again_is_young(db: Database) -> None:
    """A prompt that nothing on record names any more, pinned again by a run that has just begun."""
    ref = await Blobs(db).put("You sort.")
    await age(db)
    await Blobs(db).put("You sort.")
    assert (await Retention(db).sweep()).texts == 0
    assert await Blobs(db).get(ref) == "You sort."


async def test_an_old_turn_added_again_is_young(db: Database) -> None:
    """A call delivered again adds the turn that a dead worker left; its record comes a moment later."""
    words = [{"role": "user", "content": "again"}]
    await Transcripts(db).append("", words)
    await age(db)
    head = await Transcripts(db).append("", words)
    assert (await Retention(db).sweep()).turns == 0
    assert await Transcripts(db).verify(head) == []


async def test_an_old_run_goes_with_all_that_is_its_own(db: Database) -> None:
    """Its questions and settled effects too; an effect in doubt stays until somebody has said."""
    await enter(db, "sales:deal:42/run-1", ["a", "b"])
    await enter(db, "sales:deal:42/run-2", ["a", "c"])
    await Approvals(db).record(approval())
    site = CallSite(run="sales:deal:42/run-1", step="s")
    for key in ("done", "doubtful"):
        await Effects(db).begin(key, ToolCall(site=site, server="crm", tool="add_note", arguments={}))
    await Effects(db).settle("done", Ending("done"), ToolReply(ref=""))
    await Effects(db).give_up("doubtful", "interrupted")
    await age(db)
    swept = await Retention(db).sweep(older_than=90 * DAY)
    assert (swept.runs, swept.turns, swept.texts) == (("sales:deal:42/run-1",), 1, 1)
    assert await story(db, "sales:deal:42/run-1") is None
    assert await Approvals(db).get("approval-1") is None
    assert await count(db, ApprovalHistoryRow) == 0
    async with db.reading() as session:
        assert (await session.scalars(select(EffectRow.key))).all() == ["doubtful"]
    assert await faults(db, "sales:deal:42/run-2") == []


async def test_a_run_kept_or_forked_meanwhile_stays(db: Database) -> None:
    """Between choosing and removing somebody may have said that he needs it."""
    for run in ("sales:deal:1/run-1", "sales:deal:2/run-1", "sales:deal:3/run-1"):
        await enter(db, run, ["a"])
    await Keeping(db).keep("sales:deal:1/run-1", "evals")
    await enter(db, "fork-1:sales:deal:2/run-1", ["a"], origin="sales:deal:2/run-1")
    gone = await Retention(db)._remove_runs(sorted(await names(db) - {"fork-1:sales:deal:2/run-1"}))
    assert gone == ["sales:deal:3/run-1"]


@dataclass
class Case:
    what: str
    stays: set[str]
    statuses: dict[str, str]
    origins: dict[str, str]
    kept: set[str]


def case(what: str, stays: str, *, failed: str = "", running: str = "", origins: str = "", kept: str = "") -> Case:
    pairs = [pair.split("<") for pair in origins.split()]
    statuses = dict.fromkeys(failed.split(), "failed") | dict.fromkeys(running.split(), "running")
    return Case(what, set(stays.split()), statuses, {fork: origin for origin, fork in pairs}, set(kept.split()))


R1, R2, R3 = (f"sales:deal:1/run-{number}" for number in (1, 2, 3))
CASES = [
    case("the newest of an entity, by number", R3),
    case("one that hasn't finished", f"{R1} {R3}", running=R1),
    case("one in a set", f"{R2} {R3}", kept=R2),
    case("the origin of a fork that stays", f"{R2} {R3} fork-1:{R2}", origins=f"{R2}<fork-1:{R2}"),
    case(
        "the origin of a kept fork's origin",
        f"{R1} {R3} fork-1:{R1} fork-2:{R1} fork-3:{R3}",
        origins=f"{R1}<fork-1:{R1} fork-1:{R1}<fork-2:{R1} {R3}<fork-3:{R3}",
        kept=f"fork-2:{R1}",
    ),
    case("a run that one which stays has started", f"{R2} {R3} {R2}/read-1", kept=R2),
]


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.what)
def test_of_old_runs_stay(case: Case) -> None:
    """All others of the same age go."""
    extra = set(case.origins) | case.stays
    runs = [OldRun(run, case.statuses.get(run, "done"), NOW - 100 * DAY) for run in sorted({R1, R2, R3} | extra)]
    gone = set(choose(runs, case.origins, case.kept, NOW - 90 * DAY).runs)
    assert {each.run for each in runs} - gone == case.stays


def test_a_young_run_stays() -> None:
    """The age is that of the last word on it, and what isn't old isn't counted as kept."""
    runs = [OldRun(R1, "done", NOW - 100 * DAY), OldRun(R2, "done", NOW), OldRun(R3, "waiting", NOW - 100 * DAY)]
    chosen = choose(runs, {}, set(), NOW - 90 * DAY)
    assert (list(chosen.runs), chosen.kept, chosen.unfinished) == ([R1], 0, 1)


RUNS = st.lists(
    st.fixed_dictionaries(
        {
            "deal": st.integers(1, 2),
            "words": st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
            "days_ago": st.integers(0, 200),
            "status": st.sampled_from(["done", "skipped", "failed", "running", "waiting"]),
            "kept": st.booleans(),
            "forked_from": st.one_of(st.none(), st.integers(0, 5)),
        }
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=RUNS, older_than=st.one_of(st.none(), st.integers(0, 150)), stored_days_ago=st.integers(0, 20))
def test_after_any_sweep_every_run_that_stays_reads_back_whole(
    migrated: Path, tmp_path: Path, runs: list[dict], older_than: int | None, stored_days_ago: int
) -> None:
    """Whatever is shared, kept, forked or unfinished; and what is left is what they refer to, once all is old."""
    file = shutil.copy(migrated, tmp_path / "swept.db")
    for beside in tmp_path.glob("swept.db-*"):
        beside.unlink()
    asyncio.run(_sweeps_cleanly(f"sqlite+aiosqlite:///{file}", runs, older_than, stored_days_ago))


async def _sweeps_cleanly(url: str, runs: list[dict], older_than: int | None, stored_days_ago: int) -> None:
    db = Database(url)
    try:
        entered = await _enter_all(db, runs)
        await age(db, stored_days_ago)
        before = {run: await _words(db, run) for run in entered}
        swept = await Retention(db).sweep(older_than=None if older_than is None else older_than * DAY)
        stay = await names(db)
        assert stay == set(entered) - set(swept.runs)
        unfinished = {run for run, its in entered.items() if its["status"] in ("running", "waiting") or its["kept"]}
        assert unfinished <= stay
        for run in stay:
            assert await faults(db, run) == []
            assert await _words(db, run) == before[run]
        if stored_days_ago > 7:
            assert await count(db, TurnRow) == len({head for run in stay for head in await _heads(db, run)})
    finally:
        await db.close()


async def _enter_all(db: Database, runs: list[dict]) -> dict[str, dict]:
    entered: dict[str, dict] = {}
    for number, its in enumerate(runs, start=1):
        origin = list(entered)[its["forked_from"] % len(entered)] if entered and its["forked_from"] is not None else ""
        run = f"fork-{number}:{origin}" if origin else f"sales:deal:{its['deal']}/run-{number}"
        await enter(db, run, its["words"], days_ago=its["days_ago"], status=its["status"], origin=origin)
        if its["kept"]:
            await Keeping(db).keep(run, "evals")
        entered[run] = its
    return entered


async def _heads(db: Database, run: str) -> list[str]:
    return [call.head for call in await ModelCalls(db).of_run(run)]


async def _words(db: Database, run: str) -> list[object]:
    told = await story(db, run)
    assert told is not None
    return [told.model_dump(), *[await Transcripts(db).read(head) for head in await _heads(db, run)]]
