"""Requests by batch: submitted once, answered once, paid once; and what has no answer goes by itself."""

import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities.batch import SHOWN_AFTER, BatchActivities
from activities.model import ModelActivities
from contracts.agents import Kit
from contracts.batches import AgentName, BatchLeave, BatchOrder, BatchRef, BatchWish
from contracts.calls import CallSite, ModelCall, Usage
from contracts.guards import Guards
from gateway.calls.batches import VendorBatches
from store.blobs import Blobs
from store.kits import Kits
from store.model_calls import ModelCalls
from store.prices import Prices
from store.tables import BatchRow
from store.transcripts import Transcripts
from tests.unit.activities.batch_vendor import MODEL, MOST_TOKENS, BatchVendor, Killed

SCHEMA = '{"type": "object", "properties": {}, "additionalProperties": false}'


def run(number: int) -> str:
    return f"sales:deal:{number}/run-1"


def call(number: int, role: str = "insight") -> ModelCall:
    site = CallSite(run=run(number), step="learn-1")
    return ModelCall(site=site, role=role, prompt="learn", answer="Insights", say=f"news {number}")


def order(token: str = "t1", most: int = 100) -> BatchOrder:
    return BatchOrder(agent="sales", token=token, most=most)


def ref(token: str = "t1") -> BatchRef:
    return BatchRef(agent="sales", token=token)


class Desk:
    """The activities of a worker, and of the one after it."""

    def __init__(self, db, env, vendor: BatchVendor) -> None:
        self.db, self.env, self.vendor = db, env, vendor
        self.prompt = self.schema = ""
        gateway = vendor.gateway()
        self.model = ModelActivities(db, gateway)
        self.batch = BatchActivities(db, self.model, VendorBatches(gateway), vendor.clock)

    async def ask(self, number: int, role: str = "insight"):
        kit = Kit(prompts={"learn": self.prompt}, schemas={"Insights": self.schema})
        await Kits(self.db).record(run(number), kit, {})
        wish = BatchWish(call=call(number, role), told=f"{run(number)}/learn")
        return await self.env.run(self.batch.ask_by_batch, wish)

    async def submit(self, *numbers: int, token: str = "t1"):
        for number in numbers:
            await self.ask(number)
        return await self.env.run(self.batch.submit_batch, order(token))

    async def collect(self, token: str = "t1"):
        return await self.env.run(self.batch.collect_batch, ref(token))

    async def leave(self, number: int, *, for_good: bool = False):
        return await self.env.run(self.batch.leave_batch, BatchLeave(site=call(number).site, for_good=for_good))

    async def single(self, number: int):
        return await self.env.run(self.model.call_model, call(number))

    async def ledger(self, number: int):
        return await ModelCalls(self.db).of_run(run(number))


@pytest.fixture
async def desk(db, env, blobs, vendor):
    desk = Desk(db, env, vendor)
    desk.prompt, desk.schema = await blobs.put("You learn."), await blobs.put(SCHEMA)
    return desk


@pytest.fixture
def vendor():
    return BatchVendor()


async def reasons(db) -> list[str]:
    """Why nothing came of each batch; empty where something did."""
    async with db.reading() as session:
        return list(await session.scalars(select(BatchRow.reason)))


async def test_a_batch_is_answered_at_half_the_price(desk, vendor, db):
    """Each run's answer is in the ledger and in its conversation, and the ordinary call finds it and costs nothing."""
    submitted = await desk.submit(1, 2)
    assert (submitted.vendor_id, submitted.requests, submitted.over) == ("msgbatch_0", 2, False)
    vendor.pass_time(hours=2)
    over = await desk.collect()
    assert over.over
    assert {(each.told, each.site.step) for each in over.waiters} == {(f"{run(n)}/learn", "learn-1") for n in (1, 2)}
    reply = await desk.single(1)
    (row,) = await desk.ledger(1)
    assert vendor.paid == {"news 1": 1, "news 2": 1}
    assert await reasons(db) == [""]
    assert float(row.cost_usd) == pytest.approx((1000 * 1e-6 + 100 * 5e-6) / 2)
    assert (row.asked, row.latency_s) == (MODEL, 3600)
    conversation = await Transcripts(db).read(reply.head)
    assert [each["role"] for each in conversation] == ["user", "assistant"]


async def test_a_request_is_as_the_vendor_takes_it(desk, vendor):
    """The pinned model instead of the role, no breakpoint that would cost more, the schema, and names of 64 at most."""
    await desk.submit(1)
    (request,) = vendor.sent[0]["requests"]
    assert request["params"]["model"] == MODEL
    assert request["params"]["output_config"]["format"]["type"] == "json_schema"
    assert "cache_control" not in str(request)
    assert "extra_headers" not in request["params"]
    assert len(request["custom_id"]) <= 64


async def test_a_request_of_a_batch_is_bounded_by_its_role(desk, vendor):
    """As the same call by itself is."""
    await desk.submit(1)
    (request,) = vendor.sent[0]["requests"]
    assert request["params"]["max_tokens"] == MOST_TOKENS


async def test_the_price_of_a_batch_is_kept_with_its_answer(desk, vendor, db):
    """So that the row can be counted again, and shows what the same had cost by itself."""
    await desk.submit(1)
    vendor.pass_time(hours=2)
    await desk.collect()
    (row,) = await desk.ledger(1)
    rates = (await Prices(db).all())[row.price_version]
    usage = Usage(input_tokens=1000, output_tokens=100)
    assert row.batch
    assert rates.cost(usage, batch=True) == pytest.approx(float(row.cost_usd)) == pytest.approx(rates.cost(usage) / 2)


async def test_submitting_again_is_the_same_batch(desk, vendor):
    """A submission that was noted isn't made a second time, whoever tries."""
    await desk.submit(1)
    again = await desk.submit()
    assert again.vendor_id == "msgbatch_0"
    assert len(vendor.batches) == 1


@pytest.mark.parametrize("mood", ["killed", "late", "unheard"])
async def test_a_submission_that_nobody_noted_is_found(desk, vendor, mood):
    """Killed between the vendor's yes and our note: the next attempt finds the batch, and sends nothing."""
    vendor.mood = mood
    with pytest.raises((Killed, ApplicationError)):
        await desk.submit(1, 2)
    vendor.mood = "well"
    assert (await desk.collect()).vendor_id == ""  # the vendor may not show it yet
    vendor.pass_time(minutes=6)
    assert (await desk.collect()).vendor_id == ""  # it may be ours: its results will tell
    vendor.pass_time(hours=2)
    assert (await desk.collect()).vendor_id == "msgbatch_0"
    assert (await desk.collect()).over
    assert len(vendor.batches) == 1
    assert vendor.paid == {"news 1": 1, "news 2": 1}


async def test_another_ones_batch_is_not_taken_for_ours(desk, vendor):
    """As many requests, at the same time: its results name others, so ours is sent."""
    vendor.mood = "away"
    with pytest.raises(ApplicationError) as raised:
        await desk.submit(1)
    assert not raised.value.non_retryable
    vendor.others(1)
    vendor.mood = "well"
    vendor.pass_time(hours=2)
    assert (await desk.collect()).vendor_id == "msgbatch_1"
    vendor.pass_time(hours=2)
    assert (await desk.collect()).over
    assert vendor.paid["news 1"] == 1


async def test_what_never_arrived_is_sent_again(desk, vendor):
    """The vendor shows nothing of it after a while: it is sent, and before that nothing is."""
    vendor.mood = "away"
    with pytest.raises(ApplicationError):
        await desk.submit(1)
    vendor.mood = "well"
    vendor.pass_time(minutes=1)
    assert (await desk.collect()).vendor_id == ""
    assert vendor.batches == []
    vendor.pass_time(seconds=SHOWN_AFTER.total_seconds())
    assert (await desk.collect()).vendor_id == "msgbatch_0"


async def test_a_busy_vendor_is_asked_again_at_once_when_it_says_so(desk, vendor):
    """A 429 says that nothing was taken in, so nothing needs to be looked for."""
    vendor.mood = "busy"
    with pytest.raises(ApplicationError) as raised:
        await desk.submit(1)
    assert raised.value.next_retry_delay.total_seconds() == 7
    vendor.mood = "well"
    assert (await desk.submit()).vendor_id == "msgbatch_0"


async def test_without_a_pass_through_all_go_by_themselves(desk, vendor, db):
    """The gateway knows no batches: the requests are handed back at once."""
    vendor.mood = "refusing"
    progress = await desk.submit(1, 2)
    (why,) = await reasons(db)
    assert "no pass-through here" in why
    assert progress.over
    assert len(progress.waiters) == 2
    assert (await desk.leave(1)).state == "settled"
    await desk.single(1)
    assert vendor.paid == {"news 1": 1}


async def test_a_role_of_another_vendor_goes_by_itself(desk, vendor):
    """Of a batch's requests, and the rest is submitted."""
    vendor.listed = [*vendor.listed, {"model_name": "other", "litellm_params": {"model": "openai/gpt-x"}}]
    await desk.ask(1, role="other")
    progress = await desk.submit(2)
    assert progress.requests == 1
    assert (await desk.leave(1)).state == "settled"


@pytest.mark.parametrize(
    "fate",
    [
        {"type": "expired"},
        {"type": "canceled"},
        {"type": "errored", "error": {"type": "error", "error": {"type": "api_error", "message": "broken"}}},
    ],
    ids=lambda fate: fate["type"],
)
async def test_a_request_without_an_answer_goes_by_itself(desk, vendor, fate):
    """The others of its batch are answered; it is paid when it is asked alone, and then once."""
    vendor.fates["news 1"] = fate
    await desk.submit(1, 2)
    vendor.pass_time(hours=25)
    assert (await desk.collect()).over
    assert await desk.ledger(1) == []
    assert len(await desk.ledger(2)) == 1
    await desk.single(1)
    assert vendor.paid == {"news 1": 1, "news 2": 1}


async def test_a_batch_that_nobody_can_read_is_given_up_after_a_day(desk, vendor):
    """Before that it is looked at again, for its answers may be paid already."""
    await desk.submit(1)
    vendor.batches.clear()
    with pytest.raises(ApplicationError, match="no such batch"):
        await desk.collect()
    vendor.pass_time(hours=26)
    assert (await desk.collect()).over
    assert (await desk.leave(1)).state == "settled"


async def test_whoever_leaves_before_is_not_sent(desk, vendor):
    """Taken out of the store is taken out of the batch."""
    await desk.ask(1)
    assert (await desk.leave(1)).state == "settled"
    assert (await desk.submit(2)).requests == 1
    assert (await desk.submit(token="t2")).over
    assert len(vendor.batches) == 1


async def test_whoever_leaves_after_is_paid_and_not_told(desk, vendor):
    """The answer is on record; of a run that is gone nobody is told."""
    await desk.submit(1, 2)
    assert (await desk.leave(1, for_good=True)).state == "in_batch"
    vendor.pass_time(hours=2)
    over = await desk.collect()
    assert [each.site.run for each in over.waiters] == [run(2)]
    assert len(await desk.ledger(1)) == 1


async def test_asking_twice_is_one_request(desk, vendor):
    """And one that is answered already is settled."""
    assert (await desk.ask(1)).state == "waiting"
    assert (await desk.submit(1)).requests == 1
    assert (await desk.ask(1)).state == "in_batch"
    vendor.pass_time(hours=2)
    await desk.collect()
    assert (await desk.ask(1)).state == "settled"
    assert (await desk.submit(token="t2")).over


async def test_a_call_that_was_made_already_is_not_asked(desk, vendor):
    """By an earlier attempt, for example."""
    await desk.ask(1)
    await desk.leave(1)
    await desk.single(1)
    assert (await desk.ask(1)).state == "settled"
    assert (await desk.submit(token="t2")).over


async def test_what_is_too_much_for_one_batch_waits(desk, env):
    """The oldest go first, and how many are left is told."""
    for number in (1, 2, 3):
        await desk.ask(number)
    progress = await env.run(desk.batch.submit_batch, order(most=2))
    assert (progress.requests, progress.left) == (2, 1)
    assert [each.token for each in (await env.run(desk.batch.read_batches, AgentName(agent="sales"))).batches] == ["t1"]
    assert (await env.run(desk.batch.read_batches, AgentName(agent="sales"))).waiting == 1


async def test_results_read_twice_are_entered_once(desk, vendor):
    """Two look at a batch at once, or one after the other."""
    await desk.submit(1)
    vendor.pass_time(hours=2)
    await desk.collect()
    again = await desk.collect()
    assert again.over
    assert len(again.waiters) == 1
    assert len(await desk.ledger(1)) == 1


async def test_results_are_read_by_the_gateway(desk, vendor):
    """The vendor names an address of its own for them, to which our key means nothing."""
    await desk.submit(1)
    vendor.pass_time(hours=2)
    await desk.collect()
    assert vendor.asked[-1] == "GET /anthropic/v1/messages/batches/msgbatch_0/results"


async def test_a_batched_answer_has_its_span_where_its_run_takes_it(desk, vendor, monkeypatch):
    """Once it is taken; a call that went by itself has its client's span already."""
    shown = []
    monkeypatch.setattr("activities.model.batched.show", shown.append)
    await desk.submit(1)
    vendor.pass_time(hours=2)
    await desk.collect()
    await desk.single(1)
    await desk.ask(2)
    await desk.leave(2)
    await desk.single(2)
    await desk.single(2)
    (span,) = shown
    assert (span.step, span.role, span.model, span.latency_s) == ("learn-1", "insight", MODEL, 3600)
    assert span.tokens["input_tokens"] == 1000


async def test_no_secret_goes_in_a_batch(desk, vendor, blobs):
    """What a vendor gets for tomorrow is guarded as what it gets now, and the answer says so."""
    desk.prompt = await blobs.put("You learn. password=hunter2")
    await desk.submit(1)
    assert vendor.sent[0]["requests"][0]["params"]["system"][0]["text"] == "You learn. password=[password removed]"
    vendor.pass_time(hours=2)
    await desk.collect()
    assert (await desk.single(1)).taken_out == {"password": 1}


async def test_what_is_too_big_leaves_its_batch(desk, vendor, db):
    """It goes by itself, and is refused there for what it is."""
    vendor.guards = Guards(most_tokens=10)
    desk = Desk(db, desk.env, vendor)
    blobs = Blobs(db)
    desk.prompt, desk.schema = await blobs.put("You learn. " * 10), await blobs.put(SCHEMA)
    submitted = await desk.submit(1)
    assert submitted.over
    assert [each.told for each in submitted.waiters] == [f"{run(1)}/learn"]
    assert vendor.sent == []
    with pytest.raises(ApplicationError, match="too big to leave"):
        await desk.single(1)
