"""What becomes of an effect beside its own call."""

import pytest

from activities.settling import SettlingActivities
from contracts.calls import CallSite, Settlement, ToolCall, ToolReply
from store.effects import Effects, Ending
from store.tool_calls import ToolCalls

RUN = "sales:deal:42/run-1"
CALL = ToolCall(
    site=CallSite(run=RUN, step="orchestrate-1.1"),
    server="crm",
    tool="add_note",
    arguments={},
    effect_key="k",
)
GIVEN_UP = Settlement(call=CALL, outcome="unknown", reason="crm add_note could not be reached")


@pytest.fixture
def settle(db, env):
    async def settle(settlement: Settlement) -> ToolReply:
        return await env.run(SettlingActivities(db).settle_effect, settlement)

    return settle


async def test_what_was_begun_and_given_up_is_in_doubt(db, settle):
    """And the run is told so."""
    await Effects(db).begin("k", CALL)
    reply = await settle(GIVEN_UP)
    assert reply.in_doubt
    assert reply.preview == "crm add_note could not be reached. Whether it happened is not known."


@pytest.mark.parametrize("begun", [True, False])
async def test_what_is_known_not_to_have_happened_is_no_doubt(db, settle, begun):
    """It failed before it went out, or was never taken up: nobody needs to be asked."""
    if begun:
        await Effects(db).begin("k", CALL)
        await Effects(db).settle("k", Ending("failed", attempt=1))
    reply = await settle(GIVEN_UP)
    assert (reply.is_error, reply.in_doubt) == (True, False)
    assert reply.preview == "crm add_note could not be reached. It was not done."


async def test_what_was_done_unheard_is_told(db, settle):
    """The worker recorded it and died before Temporal heard: the result is there."""
    done = ToolReply(ref="r", preview="note 7")
    await Effects(db).begin("k", CALL)
    await Effects(db).settle("k", Ending("done"), done)
    assert await settle(GIVEN_UP) == done


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("happened", "claire by way of cli looked, and says that it happened"), ("skipped", "leave it so")],
)
async def test_a_persons_word_settles_it(db, settle, blobs, outcome, told):
    """It is the answer from then on, on record and for whoever makes the call again."""
    await Effects(db).begin("k", CALL)
    await Effects(db).settle("k", Ending("in_doubt"))
    reply = await settle(Settlement(call=CALL, outcome=outcome, by="claire by way of cli", approval="a1"))
    assert (reply.is_error, reply.in_doubt) == (outcome != "happened", False)
    assert told in await blobs.get(reply.ref)
    assert (await Effects(db).begin("k", CALL)).reply == reply
    (row,) = await ToolCalls(db).of_run(RUN)
    assert row.ref == reply.ref
