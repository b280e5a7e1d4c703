"""A call that was interrupted, and of which nothing tells whether it happened: what a run does about it."""

import uuid
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from contracts import names
from contracts.approvals import Decision, Verdict
from contracts.calls import ToolReply
from contracts.events import EntityRef
from contracts.workflows import EntityState, RunOutcome
from tests.fakes import FakeFarm, interrupted, uses
from tests.workflow.conftest import started, until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import LEARNT, REPORT, script
from workers.workflow_code import agent_workflows, sandbox

NOTE = {"deal_id": 42, "content": "x"}
DOUBTS = "crm__add_note"


def doubtful(*replies: ToolReply) -> FakeFarm:
    """A farm whose first note, and as many after it as there are replies, is interrupted."""
    farm = script(uses((DOUBTS, NOTE)), REPORT)
    farm.doubts[DOUBTS] = list(replies) or [interrupted()]
    return farm


async def at_the_question(deal):
    await deal.tell(deal_event(1, stage_id=2))
    await deal.sleep(seconds=30)
    return await deal.asked()


def told(farm):
    """What the model was told of the call."""
    return farm.model_calls[2].results[0]


async def test_a_person_is_asked_what_became_of_it(on_a_deal):
    """At the same desk and in the same place as an approval, but with the three answers of a doubt."""
    farm = doubtful()
    async with on_a_deal(farm) as deal:
        question = await at_the_question(deal)
        assert (question.kind, question.tool, question.arguments) == ("doubt", DOUBTS, NOTE)
        assert question.why == "begun and interrupted"
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.HAPPENED))
        await deal.first_run.result()
        (posted, *_) = farm.called("slack__post_message")
        (buttons,) = [block for block in posted.arguments["blocks"] if block["type"] == "actions"]
        assert [each["text"]["text"] for each in buttons["elements"]] == ["It happened", "Do it", "Skip"]


async def test_it_happened(on_a_deal):
    """It isn't made again; the journal says by whom it was settled, and the model what the person said."""
    farm = doubtful()
    async with on_a_deal(farm) as deal:
        question = await at_the_question(deal)
        decision = Decision(approval=question.id, verdict=Verdict.HAPPENED, by="claire", reason="saw it")
        await deal.first_run.signal(names.DECIDE, decision)
        assert RunOutcome.model_validate(await deal.first_run.result()).status == "done"
        assert len(farm.called(DOUBTS)) == 1
        (settlement,) = farm.settlements
        assert (settlement.outcome, settlement.by) == ("happened", "claire by way of operator")
        assert (settlement.approval, settlement.reason) == (question.id, "saw it")
        assert (told(farm).ref, told(farm).is_error) == ("r-happened", False)
        assert farm.approvals[question.id].status == "happened"


async def test_do_it(on_a_deal):
    """It is made again under the same key, by leave of that one approval, and the model is told both."""
    farm = doubtful()
    async with on_a_deal(farm) as deal:
        question = await at_the_question(deal)
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE, by="claire"))
        await deal.first_run.result()
        first, again = farm.called(DOUBTS)
        assert first.effect_key == again.effect_key
        assert (first.again, again.again) == ("", question.id)
        assert "interrupted, and claire by way of operator said to do it again" in told(farm).text
        assert (told(farm).ref, told(farm).is_error) == ("r-orchestrate-1.1", False)


async def test_skip(on_a_deal):
    """It stays undone or done, whichever it was, and the model is told not to wonder."""
    farm = doubtful()
    async with on_a_deal(farm) as deal:
        question = await at_the_question(deal)
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        await deal.first_run.result()
        assert len(farm.called(DOUBTS)) == 1
        assert [each.outcome for each in farm.settlements] == ["skipped"]
        assert (told(farm).ref, told(farm).is_error) == ("r-skipped", True)


async def test_silence_leaves_it_in_doubt(on_a_deal):
    """After three days the run goes on; nothing was repeated, and nothing is called done."""
    farm = doubtful()
    async with on_a_deal(farm) as deal:
        question = await at_the_question(deal)
        await deal.sleep(days=3, minutes=1)
        await deal.first_run.result()
        assert len(farm.called(DOUBTS)) == 1
        assert farm.settlements == []
        assert "Don't repeat it" in told(farm).text
        assert farm.approvals[question.id].status == "expired"


async def test_a_repetition_that_is_interrupted_too_is_asked_anew(on_a_deal):
    """One "do it" is one attempt."""
    farm = doubtful(interrupted(), interrupted())
    async with on_a_deal(farm) as deal:
        first = await at_the_question(deal)
        await deal.first_run.signal(names.DECIDE, Decision(approval=first.id, verdict=Verdict.APPROVE))

        async def asked_again():
            question = await deal.asked()
            return question if question.id != first.id else None

        second = await until(asked_again, "the second question was not asked")
        await deal.first_run.signal(names.DECIDE, Decision(approval=second.id, verdict=Verdict.APPROVE))
        await deal.first_run.result()
        assert [call.again for call in farm.called(DOUBTS)] == ["", first.id, second.id]


async def test_a_call_that_nobody_can_make_is_asked_about(on_a_deal):
    """The tool server was away for a day after the call had begun: given up, it is in doubt too."""
    farm = script(uses((DOUBTS, NOTE)), REPORT)
    farm.tool_troubles[DOUBTS] = ApplicationError(
        "passing: crm did not answer", type="passing", next_retry_delay=timedelta(hours=20)
    )
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(days=1, hours=1)
        question = await deal.asked()
        assert question.kind == "doubt"
        assert [each.outcome for each in farm.settlements] == ["unknown"]
        assert "crm add_note could not be reached" in question.why


@pytest.mark.parametrize(("failure", "says_so"), [("budget", "quota or budget is used up"), ("refused", "policy")])
async def test_a_tools_own_limits_are_told_as_such(on_a_deal, failure, says_so):
    """The model knows a limit from a mistake of its own, and so does whoever reads the record."""
    farm = script(uses((DOUBTS, NOTE)), REPORT)
    farm.doubts[DOUBTS] = [ToolReply(ref="r-no", preview=f"{failure}: no", is_error=True, failure=failure)]
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert says_so in told(farm).text
        assert (told(farm).ref, told(farm).is_error) == ("r-no", True)
        assert f"{DOUBTS}: {failure}: no" in outcome.reason


@pytest.mark.slow
async def test_a_run_that_is_stopped_leaves_its_call_in_doubt(on_a_deal):
    """The call is told to stop, the run waits until it has, and the journal says why nobody knows."""
    farm = script(uses((DOUBTS, NOTE)), REPORT)
    farm.hanging.add(DOUBTS)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=21)  # while the call lasts, no time is skipped

        async def under_way():
            return bool(farm.called(DOUBTS)) or None

        await until(under_way, "the note was not begun")
        await deal.first_run.cancel()
        await deal.ended(1)
        assert farm.stopped == [DOUBTS]
        (settlement,) = farm.settlements
        assert (settlement.outcome, settlement.call.tool) == ("unknown", "add_note")
        assert "stopped while the call was under way" in settlement.reason
        assert (farm.runs[-1].status, farm.called("slack__post_message")) == ("failed", [])


@pytest.mark.slow
async def test_a_run_that_leaves_a_cache_stops_nothing(temporal, caplog):
    """A worker with room for one run throws the others away while their calls are under way: none is called off."""
    farm = script(uses((DOUBTS, NOTE)), REPORT)
    farm.hanging.add(DOUBTS)
    queue = f"test-{uuid.uuid4()}"
    async with Worker(
        temporal.client,
        task_queue=queue,
        workflows=list(agent_workflows("sales")),
        activities=farm.activities,
        workflow_runner=sandbox(),
        max_cached_workflows=1,
    ):
        deal = await started(temporal, EntityState(agent="sales", entity=EntityRef(kind="deal", id="42")), queue)
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=21)  # while the call lasts, no time is skipped

        async def under_way():
            return bool(farm.called(DOUBTS)) or None

        await until(under_way, "the note was not begun")
        other = await started(temporal, EntityState(agent="sales", entity=EntityRef(kind="deal", id="7")), queue)
        await other.workflow.query(names.STATUS)
        assert await deal.first_run.query(names.STATUS)
        assert (farm.settlements, farm.stopped) == ([], [])
        farm.hanging.clear()
        await deal.first_run.result()
        assert farm.settlements == []
    assert "tasks remain" not in caplog.text


async def test_a_doubt_of_the_agent_s_own_step_is_told_in_the_record(on_a_deal):
    """Nobody is asked whether a fact was kept; the run's record says that it isn't known, once."""
    farm = script(REPORT, insight=LEARNT)
    farm.doubts["memory__remember"] = [interrupted()]
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.reason.count("remember in doubt: begun and interrupted") == 1
        assert outcome.reason.count("begun and interrupted") == 1
        assert farm.approvals == {}
