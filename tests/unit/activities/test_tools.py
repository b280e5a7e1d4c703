"""A tool call: an effect is done once, a read as often as it is asked for, and an error reaches who can mend it."""

from datetime import timedelta

import pytest
from fastmcp import Client
from temporalio.exceptions import ApplicationError

from activities.mcp import ToolServers
from activities.tools import ToolActivities
from contracts.calls import CallSite, ToolCall, ToolReply
from store.effects import Effects
from store.memory import Memory
from store.tool_calls import ToolCalls
from store.tool_ledger import ToolLedger
from tool_servers.memory.insights import Insights
from tool_servers.memory.server import build as build_memory

RUN = "sales:deal:42/run-1"
KEY = "0123456789abcdef"


def read(tool: str = "get_deal", step: str = "bootstrap-1", server: str = "crm", **arguments) -> ToolCall:
    site = CallSite(agent="sales", entity="deal:42", run=RUN, step=step)
    return ToolCall(site=site, server=server, tool=tool, arguments=arguments)


def write(*, repeatable: bool = True) -> ToolCall:
    call = read("add_note", "orchestrate-1.1", content="Délai confirmé")
    return call.model_copy(update={"effect_key": KEY, "repeatable": repeatable})


@pytest.fixture
def call(db, env, workshop):
    """Make a call; each time by a new worker, who remembers nothing."""

    async def call(wanted: ToolCall, **servers) -> ToolReply:
        reachable = ToolServers({"crm": workshop.server(), **servers}, timeout_s=5)
        return await env.run(ToolActivities(db, reachable).call_tool, wanted)

    return call


async def test_a_short_result_comes_along(call, blobs):
    """Whole in the store, previewed for people, and as data where it is short."""
    reply = await call(read(deal_id=42))
    assert reply.data == {"id": 42, "title": "Résidence Les Tilleuls"}
    assert reply.preview == '{"id": 42, "title": "Résidence Les Tilleuls"}'
    assert await blobs.get(reply.ref) == reply.preview
    assert not reply.is_error


async def test_a_long_result_stays_in_the_store(call, blobs):
    """Temporal's history gets a reference."""
    reply = await call(read("long_story"))
    assert reply.data == {}
    assert len(reply.model_dump_json()) < 600
    assert len(await blobs.get(reply.ref)) > 5_000


async def test_every_call_is_recorded(call, db):
    """Arguments and result, for whoever asks what the agent did."""
    reply = await call(read(deal_id=42))
    (row,) = await ToolCalls(db).of_run(RUN)
    assert (row.step, row.tool, row.arguments, row.ref) == ("bootstrap-1", "get_deal", {"deal_id": 42}, reply.ref)


async def test_the_server_hears_whose_call_it_is(call, workshop):
    """The effect's key and the run's identity travel in `_meta`."""
    await call(write())
    (meta,) = workshop.metas
    assert {name: value for name, value in meta.items() if name.startswith("farmstead/")} == {
        "farmstead/effect-key": KEY,
        "farmstead/agent": "sales",
        "farmstead/entity": "deal:42",
        "farmstead/run": RUN,
    }


async def test_a_read_has_no_key(call, workshop):
    """Nothing is to be done once."""
    await call(read(deal_id=42))
    assert "farmstead/effect-key" not in workshop.metas[0]


async def test_an_effect_delivered_again_is_done_once(call, workshop):
    """The second worker answers from the journal."""
    first = await call(write())
    assert await call(write()) == first
    assert workshop.notes == ["Délai confirmé"]


async def test_an_interrupted_effect_is_asked_again_under_its_key(call, db, workshop):
    """The worker died after writing ahead: the server is told the same key, and knows whether it did the work."""
    await Effects(db).begin(KEY, write())
    reply = await call(write())
    assert not reply.is_error
    assert workshop.keys == [KEY]


async def test_a_server_with_a_ledger_does_it_once(call, db):
    """Asked twice with one key after a crash, the farm's own server changes one thing and answers the same."""
    memory = build_memory(Insights(Memory(db)), ToolLedger(db))
    facts = [{"subject": "decision maker", "fact": "Julien decides", "confidence": 1}]
    remember = read("remember", "learn-write", "memory", entity="deal:42", facts=facts)
    remember = remember.model_copy(update={"effect_key": KEY, "repeatable": True})
    async with Client(memory) as client:  # the call whose answer no worker lived to record
        await client.call_tool("remember", remember.arguments, meta={"farmstead/effect-key": KEY})
    await Effects(db).begin(KEY, remember)
    reply = await call(remember, memory=memory)
    assert not reply.is_error
    recalled = await call(read("recall", "bootstrap-3", "memory", entity="deal:42"), memory=memory)
    assert len(recalled.data["facts"]) == 1


async def test_what_nothing_can_settle_is_in_doubt(call, db, workshop, blobs):
    """Not repeatable and interrupted: it isn't done again, and that is said plainly, however often it is asked."""
    await Effects(db).begin(KEY, write(repeatable=False))
    for _ in range(2):
        reply = await call(write(repeatable=False))
        assert reply.is_error
        assert "whether it happened is not known" in await blobs.get(reply.ref)
    assert workshop.notes == []


async def test_a_passing_error_says_when_to_come_back(call, workshop):
    """It is Temporal's to try again, and the next try does the effect."""
    workshop.errors = ["passing: Pipedrive's rate limit, retry-after=3"]
    with pytest.raises(ApplicationError) as raised:
        await call(write())
    assert (raised.value.type, raised.value.non_retryable) == ("passing", False)
    assert raised.value.next_retry_delay == timedelta(seconds=3)
    assert not (await call(write())).is_error
    assert workshop.notes == ["Délai confirmé"]


@pytest.mark.parametrize("told", ["bad arguments: content: too long", "permanent: no permission", "ouch"])
async def test_a_lasting_error_is_an_answer(call, workshop, blobs, told):
    """The model hears what the server said, and nothing is retried."""
    workshop.errors = [told]
    reply = await call(write())
    assert reply.is_error
    assert await blobs.get(reply.ref) == told


async def test_a_failed_effect_may_be_done_later(call, workshop):
    """It is known not to have happened."""
    workshop.errors = ["bad arguments: content: too long"]
    assert (await call(write())).is_error
    assert not (await call(write())).is_error


@pytest.mark.parametrize("wanted", [read("get_deal", deal_id="x"), read("no_such_tool")], ids=["arguments", "tool"])
async def test_a_call_the_server_refuses_is_an_answer(call, wanted):
    """Arguments that don't fit and a tool that is gone are the model's to mend."""
    assert (await call(wanted)).is_error


async def test_a_server_that_is_away_is_passing(call):
    """Whatever the transport raises, the server wasn't heard."""
    with pytest.raises(ApplicationError, match="away did not answer") as raised:
        await call(read("get_deal", server="away"), away="http://127.0.0.1:9/mcp")
    assert (raised.value.type, raised.value.non_retryable) == ("passing", False)


async def test_a_call_that_keeps_failing_is_on_record(call, db):
    """Whoever asks what a run is stuck on finds it before the last try."""
    with pytest.raises(ApplicationError):
        await call(read("get_deal", server="away"), away="http://127.0.0.1:9/mcp")
    (row,) = await ToolCalls(db).of_run(RUN)
    assert row.is_error


async def test_a_server_without_an_address_is_a_setting(call):
    """Trying again would not help: the error names the variable and what it holds."""
    with pytest.raises(ApplicationError, match=r"'slack'; FARM_TOOL_SERVERS has: crm") as raised:
        await call(read("post_message", server="slack"))
    assert raised.value.non_retryable


async def test_a_refused_repetition_leaves_the_effect_in_doubt(call, db, workshop):
    """The first attempt may have done it: only a first attempt's refusal says that nothing happened."""
    await Effects(db).begin(KEY, write())
    workshop.errors = ["permanent: no such deal"]
    assert (await call(write())).is_error
    assert (await Effects(db).begin(KEY, write())).state == "pending"


async def test_a_refused_first_attempt_may_be_made_again(call, db, workshop):
    """It is known not to have happened."""
    workshop.errors = ["permanent: no such deal"]
    assert (await call(write())).is_error
    assert (await Effects(db).begin(KEY, write())).state == "new"
