from store.database import Database
from store.runs import Runs
from tests.unit.store.samples import RUN, minutes, run_record


async def test_a_run_that_was_never_recorded_is_none(db: Database) -> None:
    """Asking is no error."""
    assert await Runs(db).get(RUN) is None


async def test_a_run_is_read_back_as_it_was_recorded(db: Database) -> None:
    """Every field."""
    record = run_record(trace_id="t" * 32, cost_usd=0.25, events=({"id": "1"},), report={"text": "Fait"})
    await Runs(db).record(record)
    assert await Runs(db).get(RUN) == record


async def test_a_later_record_goes_on_from_the_earlier(db: Database) -> None:
    """What it leaves empty stays as it was said."""
    await Runs(db).record(run_record(trace_id="t" * 32, events=({"id": "1"},)))
    await Runs(db).record(run_record(status="done", phase="report", at=minutes(1), cost_usd=0.5))
    record = await Runs(db).get(RUN)
    assert record == run_record(
        status="done", phase="report", at=minutes(1), cost_usd=0.5, trace_id="t" * 32, events=({"id": "1"},)
    )


async def test_a_run_that_failed_keeps_what_it_cost(db: Database) -> None:
    """Who records the failure from outside doesn't know the run's cost; the reason is that of the last status."""
    await Runs(db).record(run_record(status="waiting", reason="asks Claire", cost_usd=0.5))
    await Runs(db).record(run_record(status="failed", at=minutes(1)))
    record = await Runs(db).get(RUN)
    assert record is not None
    assert (record.cost_usd, record.reason) == (0.5, "")


async def test_a_late_retry_takes_nothing_back(db: Database) -> None:
    """A record older than the last changes nothing."""
    await Runs(db).record(run_record(status="done", at=minutes(5)))
    await Runs(db).record(run_record(status="running", at=minutes(1)))
    record = await Runs(db).get(RUN)
    assert record is not None
    assert record.status == "done"


async def test_runs_of_an_entity_come_newest_first(db: Database) -> None:
    """By when they began."""
    await three_runs(db)
    assert [record.run for record in await Runs(db).of_entity("deal:42")] == ["sales:deal:42/run-2", RUN]


async def test_the_latest_may_be_one_agents(db: Database) -> None:
    """Or all agents'."""
    await three_runs(db)
    await Runs(db).record(run_record("briefing:team:1/run-1", agent="briefing", at=minutes(4)))
    assert [record.agent for record in await Runs(db).latest(limit=2)] == ["briefing", "sales"]
    assert [record.run for record in await Runs(db).latest("sales", limit=1)] == ["sales:deal:421/run-1"]


async def test_a_person_may_name_run_workflow_or_entity(db: Database) -> None:
    """`trace` takes what one has at hand; deal 42 isn't deal 421."""
    await three_runs(db)
    found = {name: len(await Runs(db).matching(name)) for name in (RUN, "sales:deal:42", "deal:42", "deal:9")}
    assert found == {RUN: 1, "sales:deal:42": 2, "deal:42": 2, "deal:9": 0}


async def three_runs(db: Database) -> None:
    await Runs(db).record(run_record(RUN, at=minutes(1)))
    await Runs(db).record(run_record("sales:deal:42/run-2", at=minutes(2)))
    await Runs(db).record(run_record("sales:deal:421/run-1", entity="deal:421", at=minutes(3)))


async def test_runs_are_counted_on_from_the_record(db: Database) -> None:
    """By number and not by spelling, for this entity alone, and not by the runs of a run's helpers."""
    assert await Runs(db).last_number("sales:deal:42") == 0
    for run in ("sales:deal:42/run-2", "sales:deal:42/run-10", "sales:deal:42/run-10/run-77", "sales:deal:421/run-99"):
        await Runs(db).record(run_record(run))
    assert await Runs(db).last_number("sales:deal:42") == 10


async def test_a_sub_agent_s_run_is_not_its_entity_s_newest(db: Database) -> None:
    """Who asks for a deal means the deal's own runs; a sub-agent's is found by its name, and from its asker's."""
    await Runs(db).record(run_record())
    for step, at in (("orchestrate-1.1:a", 1), ("orchestrate-1.1:a/orchestrate-2.1:b", 2), ("orchestrate-3.2:a", 3)):
        await Runs(db).record(run_record(f"{RUN}/{step}", at=minutes(at)))
    for name in ("deal:42", "sales:deal:42", RUN):
        assert [each.run for each in await Runs(db).matching(name)] == [RUN]
    assert [each.run for each in await Runs(db).matching(f"{RUN}/orchestrate-3.2:a")] == [f"{RUN}/orchestrate-3.2:a"]
    below = await Runs(db).below(RUN)
    assert [(at, each.run) for at, each in below] == [
        (minutes(1), f"{RUN}/orchestrate-1.1:a"),
        (minutes(3), f"{RUN}/orchestrate-3.2:a"),
    ]
