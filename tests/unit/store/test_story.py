import json

import pytest

from contracts.calls import CallSite, Usage
from contracts.steering import Intervention
from store.approvals import Approvals
from store.blobs import Blobs
from store.database import Database
from store.interventions import Interventions
from store.model_calls import Bill, ModelCalls
from store.runs import Runs
from store.story import runs_matching, story
from store.tool_calls import ToolCalls
from tests.unit.store.samples import (
    RUN,
    approval,
    event,
    minutes,
    model_call,
    model_reply,
    rates,
    run_record,
    tool_call,
    tool_reply,
)


async def tell(db: Database) -> None:
    """A run in which all kinds of things happened, written out of order."""
    await Runs(db).record(run_record(at=minutes(1), events=(event().model_dump(mode="json"),)))
    await Approvals(db).record(approval("approved", asked_at=minutes(4)))
    ref = await Blobs(db).put('{"note_id": 7}')
    await ToolCalls(db).record(tool_call(content="Bonjour"), tool_reply(ref), latency_s=0.2, at=minutes(3))
    for step, at in (("orchestrate-1", minutes(2)), ("orchestrate-2", minutes(10))):
        await ModelCalls(db).record(model_call(step), model_reply(), asked="strong", latency_s=1.5, at=at)


async def test_a_run_nobody_recorded_has_no_story(db: Database) -> None:
    """Asking is no error."""
    assert await story(db, RUN) is None


async def test_a_story_has_everything_in_order_of_time(db: Database) -> None:
    """What came in, was thought, done, asked, decided, and thought again."""
    await tell(db)
    told = await story(db, RUN)
    assert told is not None
    assert [moment.kind for moment in told.moments] == ["event", "model", "tool", "asked", "decided", "model"]


async def test_a_tool_call_is_told_with_arguments_and_result(db: Database) -> None:
    """The whole text that the model got, not the preview."""
    await tell(db)
    told = await story(db, RUN)
    assert told is not None
    (tool,) = [moment for moment in told.moments if moment.kind == "tool"]
    assert (tool.arguments, tool.result) == ({"content": "Bonjour"}, '{"note_id": 7}')


async def test_a_story_adds_up_what_was_thought(db: Database) -> None:
    """Money and tokens of all its model calls."""
    await tell(db)
    told = await story(db, RUN)
    assert told is not None
    assert (round(told.cost_usd, 9), told.usage.input_tokens) == (0.0246, 200)


async def test_a_call_is_told_with_its_price_and_what_lost_the_cache(db: Database) -> None:
    """And the run with its hit rate, in JSON too."""
    await tell(db)
    bill = Bill(rates=rates(), cache_miss="expired")
    call = model_call("orchestrate-3")
    await ModelCalls(db).record(call, model_reply(), asked="strong", latency_s=1, at=minutes(11), bill=bill)
    told = await story(db, RUN)
    assert told is not None
    last = told.moments[-1]
    assert last.kind == "model"
    assert (last.price_version, last.cache_miss) == (rates().version, "expired")
    assert json.loads(told.model_dump_json())["cache_hit_rate"] == round(7 / 110, 4)


async def test_a_story_says_what_the_caches_saved(db: Database) -> None:
    """Of the run and its sub-agents: the same tokens without a cache, less what was paid; priced calls alone."""
    await tell(db)
    used = Usage(input_tokens=100, output_tokens=10, cache_read_tokens=2000, cache_write_tokens=400)
    bill, reply = Bill(rates=rates(), cache_write_1h_tokens=400), model_reply().model_copy(update={"usage": used})
    for run in (RUN, f"{RUN}/orchestrate-2.1:research"):
        call = model_call("orchestrate-3").model_copy(update={"site": CallSite(run=run, step="orchestrate-3")})
        await ModelCalls(db).record(call, reply, asked="strong", latency_s=1, at=minutes(11), bill=bill)
    told = await story(db, RUN)
    assert told is not None
    one = 2000 * (rates().input - rates().cache_read) + 400 * (rates().input - rates().cache_write_1h)
    assert told.cache_saved_usd == pytest.approx(2 * one)


async def test_a_story_can_be_dumped_as_json(db: Database) -> None:
    """For `--json`."""
    await tell(db)
    told = await story(db, RUN)
    assert told is not None
    assert json.loads(told.model_dump_json())["moments"][0]["event"]["id"] == "event-1"


async def test_runs_are_found_by_what_a_person_calls_them(db: Database) -> None:
    """Entity or run."""
    await tell(db)
    assert [record.run for record in await runs_matching(db, "deal:42")] == [RUN]


async def test_a_story_has_what_others_did(db: Database) -> None:
    """A person's word and a sub-agent's run stand among the moments; the bill has the sub-agent's calls in it."""
    await tell(db)
    word = Intervention(run=RUN, number=1, kind="steer", by="claire", text="No discount", at=minutes(5))
    await Interventions(db).record(word)
    below = f"{RUN}/orchestrate-2.1:scout"
    await Runs(db).record(run_record(below, agent="scout", at=minutes(11), status="done"))
    await ModelCalls(db).record(
        model_call(run=below), model_reply(cost_usd=0.5), asked="strong", latency_s=1.5, at=minutes(12)
    )
    told = await story(db, RUN)
    assert told is not None
    kinds = [moment.kind for moment in told.moments]
    assert kinds == ["event", "model", "tool", "asked", "intervention", "decided", "model", "sub_run"]
    assert told.moments[-1].cost_usd == pytest.approx(0.5)
    assert told.cost_usd == pytest.approx(2 * 0.0123 + 0.5)
