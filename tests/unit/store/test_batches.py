"""Requests that go together: each goes one way, and whoever takes one has it alone."""

import asyncio
from datetime import UTC, datetime

import pytest

from contracts.batches import BatchLeave, BatchOrder, BatchWish
from contracts.calls import CallSite, ModelCall
from store.batches import Batches, Kept
from store.database import Database
from store.model_calls import Bill, ModelCalls
from store.transcripts import Transcripts, turn_of
from tests.unit.store.samples import model_reply

NINE = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture
def batches(db: Database) -> Batches:
    return Batches(db, Transcripts(db))


def call(number: int) -> ModelCall:
    site = CallSite(run=f"sales:deal:{number}/run-1", step="learn-1")
    return ModelCall(site=site, role="insight", prompt="learn", say=f"news {number}")


def order(token: str, most: int = 100) -> BatchOrder:
    return BatchOrder(agent="sales", token=token, most=most)


async def ask(batches: Batches, *numbers: int) -> None:
    for number in numbers:
        await batches.ask(BatchWish(call=call(number), told=f"later-{number}"), NINE)


def kept(number: int) -> Kept:
    turn = turn_of("", [{"role": "user", "content": f"news {number}"}])
    reply = model_reply().model_copy(update={"head": turn.head})
    return Kept(reply, [turn], asked="claude-x", latency_s=60, bill=Bill(batch=True))


async def test_two_collectors_share_no_request(batches: Batches) -> None:
    """Gathered by both at once, each request is in one batch."""
    await ask(batches, *range(6))
    await asyncio.gather(batches.gather(order("t1"), NINE), batches.gather(order("t2"), NINE))
    sites = [each.call.site for token in ("t1", "t2") for each in await batches.requests(token)]
    assert len(sites) == len(set(sites)) == 6


async def test_leaving_and_gathering_at_once_is_one_of_both(batches: Batches) -> None:
    """Whoever is told that it may go by itself is in no batch."""
    await ask(batches, *range(6))
    leaving = [batches.leave(BatchLeave(site=call(number).site), NINE) for number in range(6)]
    _, *standings = await asyncio.gather(batches.gather(order("t1"), NINE), *leaving)
    in_batch = {each.call.site for each in await batches.requests("t1")}
    free = {call(number).site for number, each in enumerate(standings) if each.state == "settled"}
    assert not in_batch & free
    assert len(in_batch | free) == 6


async def test_an_answer_is_kept_once_and_whole(batches: Batches, db: Database) -> None:
    """Its turn, its ledger row and the end of the request are one; a second answer changes nothing."""
    await ask(batches, 1)
    await batches.gather(order("t1"), NINE)
    await batches.answered(call(1), kept(1), NINE, NINE)
    await batches.answered(call(1), kept(2), NINE, NINE)
    (row,) = await ModelCalls(db).of_run(call(1).site.run)
    assert row.head == kept(1).reply.head
    assert await Transcripts(db).read(row.head) == [{"role": "user", "content": "news 1"}]
    assert await batches.requests("t1") == []


async def test_what_was_withdrawn_is_not_answered(batches: Batches, db: Database) -> None:
    """A request that goes by itself takes no answer from elsewhere."""
    await ask(batches, 1)
    await batches.leave(BatchLeave(site=call(1).site), NINE)
    await batches.answered(call(1), kept(1), NINE, NINE)
    assert await ModelCalls(db).of_run(call(1).site.run) == []


async def test_the_oldest_go_first_and_the_model_is_remembered(batches: Batches) -> None:
    """With the price of then, whatever the role costs when the answer comes."""
    await ask(batches, 1, 2, 3)
    batch = await batches.gather(order("t1", most=2), NINE)
    assert batch is not None
    assert (batch.requests, await batches.waiting("sales")) == (2, 1)
    price = {"model": "claude-x", "input": 5e-8}
    await batches.trying("t1", {each.custom_id: price for each in await batches.requests("t1")}, NINE)
    assert [each.model for each in await batches.requests("t1")] == [price, price]


async def test_what_is_open_is_on_record_for_the_next(batches: Batches) -> None:
    """A new collector finds what waits and which batches aren't over."""
    await ask(batches, 1)
    await batches.gather(order("t1"), NINE)
    await ask(batches, 2)
    book = await batches.book("sales")
    assert (book.waiting, [each.token for each in book.batches]) == (1, ["t1"])
    await batches.taken("t1", "msgbatch_1", NINE)
    assert await batches.known(["msgbatch_1", "msgbatch_2"]) == {"msgbatch_1"}
    await batches.over("t1", NINE, "gone")
    assert (await batches.book("sales")).batches == ()
    assert [each.told for each in await batches.waiters("t1")] == ["later-1"]
