"""What a run learns may wait: it goes by batch, at half the price, and neither run nor entity waits for it."""

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError

from contracts import names
from contracts.agents import Batching
from contracts.search_attributes import WAITING_FOR
from tests.workflow.batching import HOW, gathering, learning, site
from tests.workflow.conftest import until
from tests.workflow.events import deal_event


def learning_calls(farm):
    return [call.site.run for call in farm.model_calls if call.role == "insight"]


async def test_a_run_ends_before_it_has_learnt(temporal):
    """It has reported and its record says so; what is learnt comes with the batch, under its name, and is counted."""
    farm = learning(1)
    async with gathering(temporal, farm) as its:
        await its.run("42")
        assert [record.status for record in farm.runs][-1] == "done"
        assert farm.called("memory__remember") == []
        cost_before = farm.runs[-1].cost_usd
        await its.sleep(hours=2)
        await its.learnt("42")
        (kept,) = farm.called("memory__remember")
        assert (kept.site.run, kept.site.step) == ("sales:deal:42/run-1", "learn-write")
        assert [record.status for record in farm.runs][-1] == "done"
        assert farm.runs[-1].cost_usd == pytest.approx(cost_before + 0.001)


async def test_the_next_run_does_not_wait(temporal):
    """The entity goes on at once: a second run comes and goes while the first one's learning is at the vendor."""
    farm = learning(2)
    async with gathering(temporal, farm) as its:
        deal = await its.run("42")
        await deal.tell(deal_event(2, stage_id=5))
        await its.sleep(seconds=3)
        await deal.ended_by_itself(2)
        assert farm.called("memory__remember") == []


async def test_requests_of_many_runs_are_one_batch(temporal):
    """Three deals ask within the quiet time: one submission, three answers, and each run gets its own."""
    farm = learning(3)
    async with gathering(temporal, farm) as its:
        for deal in ("1", "2", "3"):
            await its.run(deal)
        await its.sleep(hours=2)
        await its.learnt("1", "2", "3")
        assert farm.batches.sizes == [3]
        assert sorted(learning_calls(farm)) == [site(deal).run for deal in ("1", "2", "3")]


async def test_whoever_waits_is_told(temporal):
    """The answer is there at the collector's next look, long before a run would look by itself."""
    farm = learning(1)
    farm.batches.takes = timedelta(minutes=5)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(minutes=20)
        await its.learnt("1")
        assert len(farm.called("memory__remember")) == 1


async def test_a_full_batch_does_not_wait_for_quiet(temporal):
    """At `most` it goes at once; what is more waits for the next."""
    farm = learning(3)
    how = Batching(quiet=timedelta(minutes=50), longest=timedelta(hours=1), most=2)
    async with gathering(temporal, farm, how) as its:
        for deal in ("1", "2", "3"):
            await its.run(deal)
        await its.sleep(minutes=1)
        assert farm.batches.sizes == [2]
        await its.sleep(minutes=55)
        assert farm.batches.sizes == [2, 1]


async def test_quiet_that_never_comes_is_not_waited_for(temporal):
    """Requests that keep coming are submitted after `longest`."""
    farm = learning(4)
    how = Batching(quiet=timedelta(minutes=2), longest=timedelta(minutes=3), most=100)
    async with gathering(temporal, farm, how) as its:
        for deal in ("1", "2", "3", "4"):
            await its.run(deal)
            await its.sleep(seconds=70)
        assert farm.batches.sizes[0] == 3


async def test_an_expired_batch_falls_back_to_single_calls(temporal):
    """A day later the vendor has no answer: each run asks by itself, once."""
    farm = learning(2)
    farm.batches.takes = timedelta(hours=24)
    farm.batches.fails = {site("1").run, site("2").run}
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.run("2")
        await its.sleep(hours=23)
        assert learning_calls(farm) == []
        await its.sleep(hours=2)
        await its.learnt("1", "2")
        assert sorted(learning_calls(farm)) == [site("1").run, site("2").run]
        assert len(farm.called("memory__remember")) == 2


async def test_a_part_that_failed_goes_by_itself(temporal):
    """One request of the batch has no answer: its run alone asks again."""
    farm = learning(2)
    farm.batches.fails = {site("1").run}
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.run("2")
        await its.sleep(hours=2)
        await its.learnt("1", "2")
        assert farm.batches.answered.keys() == {site("2")}
        assert sorted(learning_calls(farm)) == [site("1").run, site("2").run]


async def test_whoever_is_stopped_before_is_taken_out(temporal):
    """Of two that wait one is cancelled: the batch has one request."""
    farm = learning(2)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.run("2")
        await its.later("1").cancel()

        async def is_out() -> bool | None:
            return farm.batches.states[site("1")] == "withdrawn" or None

        await until(is_out, "the request was not withdrawn")
        await its.sleep(hours=2)
        await its.learnt("2")
        assert farm.batches.sizes == [1]
        assert learning_calls(farm) == [site("2").run]


async def test_whoever_is_stopped_after_is_paid_and_not_waited_for(temporal):
    """The request stays in the batch and its answer is kept; nobody is told, and the others get theirs."""
    farm = learning(2)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.run("2")
        await its.sleep(minutes=5)
        await its.later("1").cancel()

        async def is_alone() -> bool | None:
            return farm.batches.wishes[site("1")].told == "" or None

        await until(is_alone, "the request is still waited for")
        await its.sleep(hours=2)
        await its.learnt("2")
        assert farm.batches.answered.keys() == {site("1"), site("2")}
        assert [call.site.run for call in farm.called("memory__remember")] == [site("2").run]
        assert [record.status for record in farm.runs if record.run == site("1").run][-1] == "done"


async def test_told_twice_is_one_request(temporal):
    """A signal that comes again changes nothing."""
    farm = learning(1)
    async with gathering(temporal, farm) as its:
        await its.run("42")
        await its.collector.signal(names.BATCH_ASKED, site("42"))
        assert (await its.status()).waiting == 1
        await its.sleep(hours=2)
        await its.learnt("42")
        await its.collector.signal(names.BATCH_ASKED, site("42"))
        await its.sleep(hours=2)
        assert farm.batches.sizes == [1]
        assert len(farm.called("memory__remember")) == 1


async def test_without_a_collector_a_call_goes_by_itself(temporal):
    """It is taken out of the store first, so that no later collector asks it again."""
    farm = learning(1)
    async with gathering(temporal, farm, None) as its:
        await its.run("42")
        await its.learnt("42")
        await its.collect()
        await its.sleep(hours=2)
        assert farm.batches.sizes == []
        assert learning_calls(farm) == [site("42").run]


async def test_a_new_collector_takes_up_what_a_lost_one_left(temporal):
    """Terminated with one batch at the vendor and one request waiting: both come to their end, each once."""
    farm = learning(2)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(minutes=5)
        await its.run("2")
        await its.collector.terminate()
        await its.collect()
        await its.sleep(hours=3)
        await its.learnt("1", "2")
        assert farm.batches.sizes == [1, 1]
        assert len(farm.called("memory__remember")) == 2


async def test_without_anybody_to_look_a_run_looks_itself(temporal):
    """The collector is lost with a batch at the vendor and none comes after it: the run collects its answer."""
    farm = learning(1)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(minutes=5)
        await its.collector.terminate()
        await its.sleep(hours=3)
        await its.learnt("1")
        assert farm.batches.answered.keys() == {site("1")}
        assert len(farm.called("memory__remember")) == 1


async def test_a_submission_that_nobody_heard_of_is_looked_at_later(temporal):
    """The vendor is away when the batch is sent: it isn't sent anew under another name, but looked at."""
    farm = learning(1)
    farm.batches.troubles = [ApplicationError("the gateway gave no answer", type="permanent", non_retryable=True)]
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(hours=3)
        await its.learnt("1")
        assert farm.batches.sizes == [1]
        assert len(farm.called("memory__remember")) == 1


async def test_what_is_asked_while_a_batch_is_submitted_is_not_lost(temporal):
    """A request that comes between two looks at the store is in this batch or in the next, and in one alone."""
    farm = learning(2)
    async with gathering(temporal, farm) as its:
        await its.run("1")

        async def another() -> None:
            await its.run("2")

        farm.batches.before_submitting = another
        await its.sleep(hours=3)
        await its.learnt("1", "2")
        assert sum(farm.batches.sizes) == 2
        assert len(farm.called("memory__remember")) == 2


async def test_the_looks_become_seldom(temporal):
    """A batch that takes a day costs a look every ten minutes, not one every two."""
    farm = learning(1)
    farm.batches.takes = timedelta(hours=12)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(hours=13)
        await its.learnt("1")
        assert 60 < farm.batches.looks < 90


async def test_a_worker_says_how_to_gather(temporal):
    """The collector that runs takes what a newly started worker declares, for what waits already too."""
    farm = learning(1)
    async with gathering(temporal, farm, Batching(quiet=timedelta(hours=1), longest=timedelta(hours=1))) as its:
        await its.run("1")
        await its.collector.signal(names.BATCHING, HOW)
        await its.sleep(minutes=3)
        assert farm.batches.sizes == [1]


async def test_the_temporal_ui_shows_what_is_waited_for(temporal):
    """The collector tells its batch by the vendor's name, with how many requests; the run that it waits."""
    farm = learning(1)
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(minutes=5)

        async def shown() -> str | None:
            found = (await its.collector.describe()).typed_search_attributes.get(WAITING_FOR) or ""
            return found if "msgbatch_" in found else None

        assert " of 1 requests, since " in await until(shown, "the batch isn't shown")
        waits = (await its.later("1").describe()).typed_search_attributes.get(WAITING_FOR)
        assert waits.startswith("a batch's answer to learn-1, since ")


async def test_where_no_batch_is_to_be_had_learning_is_a_phase(temporal):
    """A vendor without batches: the run learns before it ends, as ever."""
    farm = learning(1)
    farm.batched = ()
    async with gathering(temporal, farm, None) as its:
        deal = its.env.client
        farm.batches.states[site("42")] = "settled"  # nobody asks
        await its.run("42")
        assert len(farm.called("memory__remember")) == 1
        history = deal.get_workflow_handle(site("42").run).fetch_history_events()
        begun = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
        assert [event async for event in history if event.event_type == begun] == []


async def test_learning_that_fails_leaves_the_run_done(temporal):
    """The record says what went wrong; nothing is tried again, for the run itself was well."""
    farm = learning(1, insight=[])
    farm.batches.fails = {site("1").run}
    farm.script["insight"] = [ApplicationError("no such model", type="permanent", non_retryable=True)]
    async with gathering(temporal, farm) as its:
        await its.run("1")
        await its.sleep(hours=2)
        await its.learnt("1")
        last = farm.runs[-1]
        assert last.status == "done"
        assert "learn failed: permanent: no such model" in last.reason
