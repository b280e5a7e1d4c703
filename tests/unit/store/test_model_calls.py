import asyncio

import pytest

from contracts.calls import ModelReply
from store.database import Database
from store.model_calls import Bill, ModelCalls, TurnBefore
from store.prices import Prices
from tests.unit.store.samples import NOON, RUN, minutes, model_call, model_reply, rates


async def test_a_call_that_was_never_made_has_no_answer(db: Database) -> None:
    """The activity then makes it."""
    assert await ModelCalls(db).recorded(RUN, "triage-1") is None


async def test_a_recorded_answer_is_given_again(db: Database) -> None:
    """A retry after the answer was kept costs nothing."""
    await record(db, model_reply())
    assert await ModelCalls(db).recorded(RUN, "orchestrate-1") == model_reply()


async def test_the_first_answer_stands(db: Database) -> None:
    """Two attempts of one logical call are one row, and both go on with the same answer."""
    texts = [f"answer {number}" for number in range(4)]
    stand = await asyncio.gather(*(record(db, model_reply(text)) for text in texts))
    assert {reply.text for reply in stand} == {(await ModelCalls(db).of_run(RUN))[0].reply["text"]}


async def test_the_ledger_says_who_asked_who_answered_and_what_it_cost(db: Database) -> None:
    """Everything that a bill is split by."""
    await record(db, model_reply(cost_usd=0.000_000_08))
    (row,) = await ModelCalls(db).of_run(RUN)
    assert (row.agent, row.entity, row.role) == ("sales", "deal:42", "orchestrator")
    assert (row.asked, row.model) == ("strong", "rules-1")
    tokens = (row.input_tokens, row.output_tokens, row.cache_read_tokens, row.cache_write_tokens)
    assert tokens == (100, 20, 7, 3)
    assert row.cost_usd == pytest.approx(0.000_000_08)


async def test_a_run_has_its_calls_in_order_of_time(db: Database) -> None:
    """And no other run's."""
    for step, run, at in [("b", RUN, minutes(2)), ("a", RUN, minutes(1)), ("c", "sales:deal:43/run-1", NOON)]:
        await ModelCalls(db).record(model_call(step, run), model_reply(), asked="strong", latency_s=1, at=at)
    assert [row.step for row in await ModelCalls(db).of_run(RUN)] == ["a", "b"]


async def record(db: Database, reply: ModelReply) -> ModelReply:
    calls = ModelCalls(db)
    return await calls.record(model_call(), reply, asked="strong", latency_s=0.5, at=NOON)


async def test_what_a_run_used_has_its_sub_agents_in_it(db: Database) -> None:
    """Every call under the run's name counts, and no other's."""
    for run in (RUN, f"{RUN}/orchestrate-1.1:scout", f"{RUN}1", "sales:deal:43/run-1"):
        await ModelCalls(db).record(
            model_call(run=run), model_reply(cost_usd=0.25), asked="strong", latency_s=1.5, at=NOON
        )
    used = await ModelCalls(db).used(RUN)
    assert used.turns == 2
    assert used.cost_usd == pytest.approx(0.5)
    assert (used.usage.input_tokens, used.usage.total) == (200, 260)


async def test_a_run_that_asked_nobody_used_nothing(db: Database) -> None:
    """Zero, not an error."""
    assert (await ModelCalls(db).used(RUN)).usage.total == 0


async def test_the_ledger_says_how_a_call_was_paid(db: Database) -> None:
    """By which price, how much of the cache is kept for an hour, and whether it was asked at all."""
    bill = Bill(rates=rates(), cache_write_1h_tokens=2, batch=True, cached=True, header="aa", cache_miss="expired")
    await ModelCalls(db).record(model_call(), model_reply(), asked="m", latency_s=1, at=NOON, bill=bill)
    (row,) = await ModelCalls(db).of_run(RUN)
    assert (row.price_version, row.cache_write_1h_tokens, row.batch, row.cached) == (rates().version, 2, True, True)
    assert (row.header, row.cache_miss) == ("aa", "expired")
    assert await Prices(db).all() == {rates().version: rates()}


async def test_a_price_is_kept_once_and_never_altered(db: Database) -> None:
    """What calls were priced by stays what it was, whatever is said of it later."""
    for step, figure in (("a", 3e-6), ("b", 9e-6)):
        bill = Bill(rates=rates(input=figure))
        await ModelCalls(db).record(model_call(step), model_reply(), asked="m", latency_s=1, at=NOON, bill=bill)
    assert (await Prices(db).all())[rates().version].input == 3e-6


async def test_the_price_of_a_model_is_the_one_that_came_last(db: Database) -> None:
    """None where it was never paid."""
    for step, version in (("a", "test #1"), ("b", "test #2")):
        bill, at = Bill(rates=rates(version=version)), minutes(ord(step))
        await ModelCalls(db).record(model_call(step), model_reply(), asked="m", latency_s=1, at=at, bill=bill)
    found = await Prices(db).latest("sonnet")
    assert (found.version if found else "") == "test #2"
    assert await Prices(db).latest("haiku") is None


async def test_a_turn_knows_the_one_before_it(db: Database) -> None:
    """By the conversation that it goes on from; a first turn, and one of another run, has none."""
    head = model_reply().head
    bill = Bill(header="aa")
    await ModelCalls(db).record(model_call("a"), model_reply(), asked="m", latency_s=1, at=NOON, bill=bill)
    next_one = model_call("b").model_copy(update={"head": head})
    elsewhere = model_call("b", "sales:deal:43/run-1").model_copy(update={"head": head})
    assert await ModelCalls(db).before(next_one) == TurnBefore(
        role="orchestrator", model="rules-1", header="aa", kept_tokens=10, at=NOON
    )
    assert await ModelCalls(db).before(model_call("b")) is None
    assert await ModelCalls(db).before(elsewhere) is None
