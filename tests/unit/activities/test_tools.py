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
    site = CallSite(run=RUN, step=step)
    return ToolCall(site=site, server=server, tool=tool, arguments=arguments)


def write(*, repeatable: bool = True) -> ToolCall:
    call = read("add_note", "orchestrate-1.1", content="Délai confirmé")
    return call.model_copy(update={"effect_key": KEY, "repeatable": repeatable})


@pytest.fixture
def call(db, env, workshop):
    """Make a call; each time by a new worker, who remembers nothing."""

    async def call(wanted: ToolCall, **servers) -> ToolReply:
        reachable = ToolServers({"crm": workshop.server()} | servers, timeout_s=5)
        try:
            return await env.run(ToolActivities(db, reachable).call_tool, wanted)
        finally:
            await reachable.close()

    return call


async def test_a_short_result_comes_along(call, blobs):
    """Whole in the store, previewed for people, and as data where it is short."""
    reply = await call(read(deal_id=42))
    assert reply.data == {"id": 42, "title": "Résidence Les Tilleuls"}
    assert reply.preview == '{"id": 42, "title": "Résidence Les Tilleuls"}'
    assert await blobs.get(reply.ref) == reply.preview
    assert not reply.is_error


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://crm.example/deal/42", "https://crm.example/deal/42"),
        ("javascript:alert(1)", ""),
        ("https://crm.example/" + "x" * 500, ""),
    ],
)
async def test_a_result_says_where_to_look_at_it(call, url, found):
    """A web address of reasonable length, which people can follow; nothing else."""
    assert (await call(read("linked", url=url))).url == found


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


async def test_the_server_hears_how_far_a_person_is(call, workshop):
    """A run of people's news says nothing of it."""
    await call(write().model_copy(update={"hop": 2}))
    assert workshop.metas[0]["farmstead/hop"] == 2


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
        assert (reply.is_error, reply.in_doubt) == (True, True)
        assert "whether it happened is not known" in await blobs.get(reply.ref)
    assert workshop.notes == []


@pytest.fixture
def unsure():
    """An effect that only a reconcile tool can settle."""
    return write(repeatable=False).model_copy(update={"reconcile": "find_note"})


async def test_a_reconcile_tool_says_that_it_happened(call, db, workshop, blobs, unsure):
    """Its result is the call's, the model hears how that is known, and nothing is repeated."""
    workshop.found = {"happened": True, "result": {"note": 7}}
    await Effects(db).begin(KEY, unsure)
    reply = await call(unsure)
    assert (reply.is_error, reply.data) == (False, {"note": 7})
    told = await blobs.get(reply.ref)
    assert "This call was interrupted. crm find_note says that it happened" in told
    assert '"note":7' in told
    assert await call(unsure) == reply
    assert workshop.notes == []


async def test_a_reconcile_tool_says_that_it_did_not_happen(call, db, workshop, unsure):
    """It is done now, once, under the same key; the tool was given the key and the same arguments."""
    workshop.found = {"happened": False}
    await Effects(db).begin(KEY, unsure)
    reply = await call(unsure)
    assert not reply.is_error
    assert workshop.notes == workshop.sought == ["Délai confirmé"]
    assert workshop.keys == [KEY, KEY]
    assert await call(unsure) == reply
    assert workshop.notes == ["Délai confirmé"]


@pytest.mark.parametrize("found", [{"happened": None}, {"found": "perhaps"}, None], ids=["null", "malformed", "error"])
async def test_a_reconcile_tool_that_cannot_tell_leaves_the_doubt(call, db, workshop, unsure, found):
    """Nothing is taken for an answer that isn't one."""
    workshop.found = found
    await Effects(db).begin(KEY, unsure)
    assert (await call(unsure)).in_doubt
    assert workshop.notes == []


async def test_a_reconcile_tool_that_is_not_heard_is_asked_again(call, db, workshop, unsure):
    """It is too early to ask a person."""
    workshop.trouble = "passing: the CRM is away"
    await Effects(db).begin(KEY, unsure)
    with pytest.raises(ApplicationError, match="the CRM is away"):
        await call(unsure)
    workshop.trouble, workshop.found = "", {"happened": False}
    assert not (await call(unsure)).is_error


async def test_reconciling_is_on_record(call, db, workshop, unsure):
    """As a read of its own, beside the call that it is about."""
    workshop.found = {"happened": False}
    await Effects(db).begin(KEY, unsure)
    await call(unsure)
    rows = {row.step: (row.tool, row.effect_key) for row in await ToolCalls(db).of_run(RUN)}
    assert rows == {"orchestrate-1.1.reconcile": ("find_note", ""), "orchestrate-1.1": ("add_note", KEY)}


async def test_a_refused_repetition_is_looked_for(call, db, workshop, unsure):
    """The server refused to do it again; whether the first attempt did it, its reconcile tool knows."""
    workshop.errors, workshop.found = ["permanent: no such deal"], {"happened": False}
    again = unsure.model_copy(update={"repeatable": True})
    await Effects(db).begin(KEY, again)
    reply = await call(again)
    assert (reply.is_error, reply.in_doubt, reply.failure) == (True, False, "permanent")
    assert (await Effects(db).begin(KEY, again)).state == "new"


async def test_a_persons_word_does_it_once_more(call, db, workshop):
    """ "Do it" of one approval is one attempt, however often it is delivered."""
    await Effects(db).begin(KEY, write(repeatable=False))
    assert (await call(write(repeatable=False))).in_doubt
    again = write(repeatable=False).model_copy(update={"again": "approval-1"})
    first = await call(again)
    assert await call(again) == first
    assert workshop.notes == ["Délai confirmé"]


async def test_a_call_that_never_went_out_is_simply_made_again(call, db, workshop):
    """No connection was made: nothing is in doubt, though nothing could settle it either."""
    with pytest.raises(ApplicationError, match="crm did not answer"):
        await call(write(repeatable=False), crm="http://127.0.0.1:9/mcp")
    assert not (await call(write(repeatable=False))).is_error
    assert workshop.notes == ["Délai confirmé"]


async def test_a_repetition_that_never_went_out_leaves_the_doubt(call, db):
    """The first attempt did go out."""
    await Effects(db).begin(KEY, write())
    with pytest.raises(ApplicationError, match="crm did not answer"):
        await call(write(), crm="http://127.0.0.1:9/mcp")
    assert (await Effects(db).begin(KEY, write())).state == "pending"


async def test_what_was_turned_away_is_simply_made_again(call, workshop):
    """Too many requests, in another maker's words: it did nothing yet."""
    workshop.errors = ["429 Too Many Requests"]
    with pytest.raises(ApplicationError):
        await call(write(repeatable=False))
    assert not (await call(write(repeatable=False))).is_error


async def test_a_server_that_fails_in_the_middle_leaves_a_doubt(call, workshop):
    """It may have done it before it failed."""
    workshop.errors = ["503 Service Unavailable"]
    with pytest.raises(ApplicationError):
        await call(write(repeatable=False))
    assert (await call(write(repeatable=False))).in_doubt


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("budget: 1,000 mails a month are sent", "budget"),
        ("refused: mails go to clients alone", "refused"),
        ("bad arguments: content: too long", "bad_arguments"),
        ("ouch", "permanent"),
    ],
)
async def test_a_reply_says_what_kind_of_no_it_is(call, workshop, told, kind):
    """The workflow tells the model by it."""
    workshop.errors = [told]
    assert (await call(write())).failure == kind


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
    """Trying again would not help: the answer names the variable and what it holds."""
    reply = await call(read("post_message", server="slack"))
    assert reply.failure == "permanent"
    assert "'slack'; FARM_TOOL_SERVERS has: crm" in reply.preview


async def test_a_refused_repetition_leaves_the_effect_in_doubt(call, db, workshop):
    """The first attempt may have done it: only a first attempt's refusal says that nothing happened."""
    await Effects(db).begin(KEY, write())
    workshop.errors = ["permanent: no such deal"]
    reply = await call(write())
    assert reply.in_doubt
    assert "no such deal" in reply.preview
    assert (await Effects(db).begin(KEY, write())).state == "pending"


async def test_a_refused_first_attempt_may_be_made_again(call, db, workshop):
    """It is known not to have happened."""
    workshop.errors = ["permanent: no such deal"]
    assert (await call(write())).is_error
    assert (await Effects(db).begin(KEY, write())).state == "new"
