"""A recorded run is made again from a turn: its own workflow code, a real server, and nothing leaves the house."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from temporalio import activity
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.records import RecordActivities
from contracts.approvals import Decision, Verdict
from contracts.failures import Failure
from contracts.operations import ACTIVITIES
from gateway.calls.failures import GatewayError
from ops.errors import FarmError
from ops.fork.activities import ForkActivities, Parts
from ops.fork.difference import Difference, StepDifference
from ops.fork.running import forked
from ops.fork.wish import Wish
from store.approvals import Approvals
from store.database import Database
from store.intact import faults
from store.runs import Runs
from store.story import runs_matching, story
from store.tables import Base, KitRow
from tests.workflow.forkery import ACT, MAIL, NOTE, NOTHING_LEARNT, RUN, Mind, World, means, recorded, report
from tests.workflow.teamwork import server

YES = Decision(approval="", verdict=Verdict.APPROVE, by="U0CLAIRE")
NOTES = {"deal_id": 42}


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


@pytest.fixture
def client(temporal: WorkflowEnvironment) -> Client:
    return temporal.client


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        yield database
    finally:
        await database.close()


async def life(client: Client, file: Path, decision: Decision) -> World:
    """A run on record in this file, and what it did outside."""
    world = World()
    async with opened(file) as db:
        await db.migrate()
        await recorded(client, db, mind_of_then(), world, decision)
    return world


@pytest.fixture(scope="module")
async def lived(temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """One life, recorded once and copied for each test."""
    file = tmp_path_factory.mktemp("life") / "farm.db"
    return file, await life(temporal.client, file, YES)


@pytest.fixture
async def db(lived: tuple[Path, World], tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(Path(shutil.copy(lived[0], tmp_path / "farm.db"))) as database:
        yield database


@pytest.fixture
def world(lived: tuple[Path, World]) -> World:
    return deepcopy(lived[1])


def mind_of_then() -> Mind:
    """Two turns: a note and a look at the notes, then a mail that a person approves, then the report."""
    return Mind(
        {
            "triage": [ACT],
            "orchestrator": [
                [("crm__add_note", NOTE), ("crm__search_notes", NOTES)],
                [("crm__send_mail", MAIL)],
                report(),
            ],
            "insight": [NOTHING_LEARNT],
        }
    )


async def rows(db: Database, but: str = "fork-") -> dict[str, list[Any]]:
    """Every row of the store that isn't a fork's own."""
    found: dict[str, list[Any]] = {}
    async with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in ("forks", "blobs", "turns"):
                continue
            every = [tuple(row) for row in await session.execute(select(table))]
            found[table.name] = [row for row in every if not any(but in str(value) for value in row)]
    return found


def of(told: Difference, tool: str) -> StepDifference:
    (found,) = [each for each in told.steps if each.what == tool]
    return found


async def test_the_same_mind_does_the_same(client, db, world):
    """From the first turn on: every answer the same, every read from the record, every write dry, all of it told."""
    before, outside = await rows(db), list(world.calls)
    now = mind_of_then()
    told = await forked(means(client, db, now, world), RUN, "0", Wish())
    assert now.steps == ["triage-1", "orchestrate-1", "orchestrate-2", "orchestrate-3", "learn-1"]
    assert (told.acts_otherwise, told.reports_otherwise, told.status.now) == (False, False, "done")
    assert {each.verdict for each in told.steps} == {"same"}
    assert {each.step: each.how for each in told.steps if each.kind == "tool"} == {
        "bootstrap-1": "record",
        "bootstrap-2": "record",
        "bootstrap-3": "record",
        "orchestrate-1.1": "dry",
        "orchestrate-1.2": "record",
        "orchestrate-2.1": "dry",
        "orchestrate-2.1.before.1": "record",
        "report-1": "dry",
    }
    assert world.calls == outside
    assert await rows(db) == before


async def test_before_the_turn_nothing_is_asked(client, db, world):
    """The record answers, at no cost; from the turn on the mind is asked, with the conversation as it was."""
    now = Mind({"orchestrator": [report("Called")], "insight": [NOTHING_LEARNT]})
    told = await forked(means(client, db, now, world), RUN, "orchestrate-3", Wish())
    assert now.steps == ["orchestrate-3", "learn-1"]
    assert [message["role"] for message in now.calls[0].messages] == ["user", "assistant", "user", "assistant", "user"]
    assert {each.verdict for each in told.steps if each.step.startswith(("triage", "orchestrate-1", "boot"))} == {
        "kept"
    }
    assert [told.cost_then_usd, told.cost_now_usd] == pytest.approx([0.02, 0.02])
    assert (told.report["headline"].then, told.report["headline"].now) == ("Answered", "Called")
    assert (told.acts_otherwise, told.reports_otherwise) == (False, True)


async def test_a_changed_answer_is_a_difference(client, db, world):
    """Another mail, no note, a read that was never made: each is told, and the read alone goes outside."""
    other = {**MAIL, "body": "Bonjour Julien"}
    now = Mind(
        {
            "orchestrator": [[("crm__search_notes", {"deal_id": 7})], [("crm__send_mail", other)], report()],
            "insight": [NOTHING_LEARNT],
        }
    )
    outside = list(world.calls)
    told = await forked(means(client, db, now, world), RUN, "1", Wish())
    assert told.acts_otherwise
    assert (of(told, "crm.search_notes").verdict, of(told, "crm.search_notes").how) == ("changed", "live")
    mail = of(told, "crm.send_mail")
    assert (mail.verdict, mail.how) == ("changed", "dry")
    assert {name: (each.then, each.now) for name, each in mail.changed.items()} == {
        "body": ("Bonjour", "Bonjour Julien")
    }
    assert of(told, "crm.add_note").verdict == "only_then"
    assert told.decisions == {"orchestrate-2.1": "approved, as a dry run: nobody was asked this then"}
    assert world.calls == [*outside, "search_notes"]
    assert told.live_reads == ("orchestrate-1.1 crm.search_notes",)


async def test_offline_no_read_is_made(client, db, world):
    """The model is told that it is not on record, and goes on."""
    now = Mind(
        {"orchestrator": [[("crm__search_notes", {"deal_id": 7})], report()], "insight": [NOTHING_LEARNT]},
    )
    outside = list(world.calls)
    await forked(means(client, db, now, world), RUN, "1", Wish(offline=True))
    (result,) = now.calls[1].messages[-1]["content"]
    assert result["is_error"]
    assert "not on record: the fork runs offline" in result["content"]
    assert world.calls == outside


async def test_a_prompt_is_tried(client, db, world):
    """The new text reaches the model instead of the old; a mind that reads it answers otherwise."""

    def orchestrator(call):
        return report("Brief") if "Be brief." in call.system else [("crm__add_note", NOTE)]

    now = Mind({"orchestrator": orchestrator, "insight": [NOTHING_LEARNT]})
    told = await forked(means(client, db, now, world), RUN, "1", Wish(prompts={"orchestrate": "Be brief."}))
    assert now.calls[0].system == "Be brief."
    assert told.report["headline"].now == "Brief"
    assert told.acts_otherwise


async def test_another_model_is_asked(client, db, world):
    """For one role, or for all."""
    now = Mind({"triage": [report(), NOTHING_LEARNT]})
    told = await forked(means(client, db, now, world), RUN, "3", Wish(models={"": "triage"}))
    assert [call.role for call in now.calls] == ["triage", "triage"]
    assert told.status.now == "done"
    again = Mind({"strong": [report()], "insight": [NOTHING_LEARNT]})
    await forked(means(client, db, again, world), RUN, "3", Wish(models={"orchestrator": "strong"}))
    assert [call.role for call in again.calls] == ["strong", "insight"]


async def test_an_unknown_prompt_is_refused(client, db, world):
    """The names there are, before anything is made."""
    with pytest.raises(FarmError, match="no prompt is called 'orchestrat'") as refused:
        await forked(means(client, db, Mind({}), world), RUN, "0", Wish(prompts={"orchestrat": "x"}))
    assert "learn, orchestrate, triage" in str(refused.value)


async def test_a_fork_has_a_record_of_its_own(client, db, world):
    """Told by its number and whole, with what it cost; the deal's latest run is still the real one."""
    now = Mind({"orchestrator": [report("Called")], "insight": [NOTHING_LEARNT]})
    await forked(means(client, db, now, world), RUN, "orchestrate-3", Wish())
    (found,) = await runs_matching(db, "fork-1")
    assert found.run == f"fork-1:{RUN}"
    told = await story(db, found.run)
    assert told is not None
    assert told.cost_usd == pytest.approx(0.02)
    assert told.run.cost_usd == pytest.approx(0.02)
    steps = [moment.step for moment in told.moments if moment.kind == "model"]
    assert steps == ["triage-1", "orchestrate-1", "orchestrate-2", "orchestrate-3", "learn-1"]
    assert [run.run for run in await runs_matching(db, "deal:42")] == [RUN]
    assert await Runs(db).last_number("sales:deal:42") == 1
    assert await Approvals(db).pending() == []
    assert await faults(db, found.run) == []


async def test_a_fork_can_be_forked(client, db, world):
    """From its own record: its kept turns stand in it too, and so do its dry runs."""
    first = Mind({"orchestrator": [report("Called")], "insight": [NOTHING_LEARNT]})
    told = await forked(means(client, db, first, world), RUN, "orchestrate-3", Wish())
    second = Mind({"insight": ['{"facts": [{"subject": "who", "fact": "Julien decides", "confidence": 1}]}']})
    outside = list(world.calls)
    again = await forked(means(client, db, second, world), told.fork, "learn-1", Wish())
    assert again.fork == f"fork-2:{RUN}"
    assert again.status.now == "done"
    assert [each.what for each in again.steps if each.verdict == "only_now"] == ["memory.remember"]
    assert world.calls == outside


async def test_an_old_run_works_with_todays_prompts(client, db, world):
    """A run of before kits were kept can be forked all the same, and that is said."""
    async with db.session() as session:
        await session.execute(KitRow.__table__.delete())
    told = await forked(means(client, db, mind_of_then(), world), RUN, "0", Wish())
    assert told.status.now == "done"
    assert len(told.warnings) == 1
    assert "its kit is not on record" in told.warnings[0]


async def test_a_rejection_of_then_counts(client, tmp_path):
    """People are answered for as they answered, and the model is told so."""
    no = Decision(approval="", verdict=Verdict.REJECT, by="U0CLAIRE", reason="I call him")
    world = await life(client, tmp_path / "farm.db", no)
    now = mind_of_then()
    async with opened(tmp_path / "farm.db") as db:
        told = await forked(means(client, db, now, world), RUN, "0", Wish())
    assert told.decisions == {"orchestrate-2.1": "rejected then by U0CLAIRE"}
    assert "I call him" in str(now.calls[3].messages[-1])
    assert not told.acts_otherwise


async def test_a_fork_lives_in_its_time(client, db, world):
    """The prompts of last month are asked with last month's date."""
    async with db.session() as session:
        table = Base.metadata.tables["runs"]
        await session.execute(table.update().values(started_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    now = mind_of_then()
    await forked(means(client, db, now, world), RUN, "0", Wish())
    assert "Today is 2026-03-02." in str(now.calls[0].messages[0])


async def test_a_refused_model_ends_the_fork(client, db, world):
    """The fork fails as a run would, it is told why, and its record is closed."""

    def refuses(call):
        raise GatewayError(Failure(kind="permanent", message="no such model"))

    told = await forked(means(client, db, Mind({"orchestrator": refuses}), world), RUN, "1", Wish())
    assert (told.status.then, told.status.now) == ("done", "failed")
    assert told.acts_otherwise
    assert "no such model" in str(told.reason.now)


async def test_every_activity_is_served(client, db, world):
    """A step that an agent's code may ask for, and that a fork didn't know, would wait without end."""
    real = Parts(model=None, tools=None, kit=None, records=RecordActivities(db))
    acts = ForkActivities(RUN, None, None, Wish(), db, real, {}, None)
    served = {activity._Definition.must_from_callable(each).name for each in acts.all}
    assert served == ACTIVITIES.keys()
