"""A deal's long-lived workflow: debounce, one run at a time, follow-ups, nothing lost."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from temporalio.client import WorkflowExecutionStatus

from contracts import names
from contracts.agents import Debounce
from contracts.approvals import Decision, Verdict
from contracts.workflows import EntityStatus, RunOutcome
from tests.fakes import FakeFarm, permanent, says, uses
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, MAIL, NOTHING_LEARNT, REPORT, SKIP


async def test_a_burst_becomes_one_run(on_a_deal):
    """Twelve events within seconds: one run, and all twelve reach it in order."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(*(deal_event(n, label=f"l{n}") for n in range(12)))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        assert len(farm.model_calls) == 1
        assert [event["id"] for event in farm.runs[-1].events] == [f"event-{n}" for n in range(12)]


async def test_a_redelivered_event_counts_once(on_a_deal):
    """The same event id, sent three times, is one event."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1), deal_event(1), deal_event(1))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        assert len(farm.runs[-1].events) == 1


async def test_a_steady_stream_cannot_put_a_run_off_for_ever(on_a_deal):
    """Events that keep coming are taken at the longest wait, though it never gets quiet."""
    farm = FakeFarm({"triage": [SKIP, SKIP]})
    debounce = Debounce(quiet=timedelta(seconds=10), longest=timedelta(seconds=30))
    async with on_a_deal(farm, debounce=debounce) as deal:
        for n in range(8):
            await deal.tell(deal_event(n))
            await deal.sleep(seconds=5)
        await deal.first_run.result()
        first = farm.runs[-1].events
        assert 5 <= len(first) <= 7


async def test_a_full_window_runs_at_once(on_a_deal):
    """With `most` events there, the run starts without waiting for quiet."""
    farm = FakeFarm({"triage": [SKIP]})
    debounce = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2), most=3)
    async with on_a_deal(farm, debounce=debounce) as deal:
        await deal.tell(*(deal_event(n) for n in range(3)))
        await deal.ended_by_itself(1)
        assert len(farm.model_calls) == 1


async def test_one_run_at_a_time(on_a_deal):
    """News that comes while a run waits for a person starts no second run: it waits for the next."""
    farm = FakeFarm(
        {"triage": [ACT, SKIP], "orchestrator": [uses(("crm__send_mail", MAIL)), REPORT], "insight": [NOTHING_LEARNT]}
    )
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.tell(deal_event(2))
        await deal.sleep(minutes=5)
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.runs, status.pending) == (1, 1)
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await deal.first_run.result()
        await deal.sleep(seconds=30)
        await deal.run(2).result()
        assert farm.runs[-1].events[0]["id"] == "event-2"


async def test_a_follow_up_wakes_the_deal_days_later(on_a_deal):
    """A date the agent set starts a run by itself, at nine in the morning there, with no event from outside."""
    day = datetime.now(UTC).date() + timedelta(days=8)
    later = uses(("farm__set_follow_up", {"date": day.isoformat(), "reason": "no answer yet"}))
    farm = FakeFarm({"triage": [ACT, SKIP], "orchestrator": [later, REPORT], "insight": [NOTHING_LEARNT]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.follow_up.at == datetime.combine(day, time(9), ZoneInfo("Europe/Paris"))
        await deal.sleep_until(outcome.follow_up.at + timedelta(minutes=1))
        await deal.ended_by_itself(2)
        (event,) = farm.runs[-1].events
        assert event["kind"] == "follow_up.due"
        assert "no answer yet" in event["summary"]


async def test_the_agent_cannot_follow_up_in_the_past(on_a_deal):
    """A follow-up date that is over is an error to the model, and sets nothing."""
    past = uses(("farm__set_follow_up", {"date": "2001-01-05", "reason": "x"}))
    farm = FakeFarm({"triage": [ACT], "orchestrator": [past, REPORT], "insight": [NOTHING_LEARNT]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.follow_up is None
        assert farm.model_calls[2].results[0].is_error


async def test_a_failed_run_is_tried_again_under_its_own_name(on_a_deal):
    """So that it finds on record what it has thought and done; what came meanwhile waits for the next run."""
    farm = FakeFarm({"triage": [permanent("no such model"), SKIP, SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=20)
        await deal.tell(deal_event(2))
        await deal.sleep(minutes=5)
        await deal.run(2).result()
        assert [(call.site.run, call.site.step) for call in farm.model_calls] == [
            ("sales:deal:42/run-1", "triage-1"),
            ("sales:deal:42/run-1", "triage-1"),
            ("sales:deal:42/run-2", "triage-1"),
        ]
        ended = {each.run: [event["id"] for event in each.events] for each in farm.runs if each.status == "skipped"}
        assert ended == {"sales:deal:42/run-1": ["event-1"], "sales:deal:42/run-2": ["event-2"]}
        failed = next(record for record in farm.runs if record.status == "failed")
        assert "no such model" in failed.reason


async def test_the_skill_is_read_by_reference(on_a_deal):
    """A skill costs no activity: the model gets the text pinned in the kit."""
    load = uses(("farm__load_skill", {"name": "follow-up-mail"}), ("farm__load_skill", {"name": "flying"}))
    farm = FakeFarm({"triage": [ACT], "orchestrator": [load, REPORT], "insight": [says('{"facts": []}')]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        known, unknown = farm.model_calls[2].results
        assert known.ref == "prompt-skills/follow-up-mail"
        assert unknown.is_error
        assert "follow-up-mail" in unknown.text


async def test_the_state_survives_continue_as_new(on_a_deal):
    """Pending events, seen ids, run count and follow-up go over as one object."""
    farm = FakeFarm({"triage": [SKIP, SKIP]})
    async with on_a_deal(farm, rotate_after=1) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        await deal.tell(deal_event(1), deal_event(2))
        await deal.sleep(seconds=30)
        await deal.run(2).result()
        assert [event["id"] for event in farm.runs[-1].events] == ["event-2"]
        first = deal.client.get_workflow_handle(deal.workflow.id, run_id=deal.workflow.first_execution_run_id)
        assert (await first.describe()).status == WorkflowExecutionStatus.CONTINUED_AS_NEW


async def test_events_carried_over_keep_their_order(on_a_deal):
    """What waited when history was continued as new reaches the next run as it came in."""
    farm = FakeFarm({"triage": [SKIP]})
    waiting = (deal_event(1), deal_event(2), deal_event(3))
    async with on_a_deal(farm, pending=waiting, seen=tuple(event.id for event in waiting)) as deal:
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        assert [event["id"] for event in farm.runs[-1].events] == ["event-1", "event-2", "event-3"]


async def test_a_cancelled_run_leaves_the_deal_alive(on_a_deal):
    """A person who cancels a run wants no other try of it, and the deal goes on with its next event."""
    farm = FakeFarm(
        {"triage": [ACT, SKIP], "orchestrator": [uses(("crm__send_mail", MAIL)), REPORT], "insight": [NOTHING_LEARNT]}
    )
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.asked()
        await deal.first_run.cancel()
        await deal.ended(1)
        await deal.tell(deal_event(2))
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(2)
        assert [event["id"] for event in farm.runs[-1].events] == ["event-2"]
        stopped = next(record for record in farm.runs if record.phase == "dead-letter")
        assert stopped.events[0]["id"] == "event-1"


async def test_a_deal_that_is_started_again_counts_on(on_a_deal):
    """A run's name stands for one run for ever: a new history of the deal takes none that is on record."""
    farm = FakeFarm({"triage": [SKIP, SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        await deal.workflow.terminate()
        again = await deal.start_again()
        await again.tell(deal_event(1))
        await again.sleep(seconds=30)
        await again.ended_by_itself(2)
        assert len(farm.model_calls) == 2
        assert [record.run for record in farm.runs if record.status == "skipped"] == [
            "sales:deal:42/run-1",
            "sales:deal:42/run-2",
        ]


async def test_a_run_is_tried_three_times(on_a_deal):
    """Then its events are set aside in its record, and the next run has those that came meanwhile."""
    farm = FakeFarm({"triage": [permanent("down")] * 3 + [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=20)
        await deal.tell(deal_event(2))
        await deal.sleep(minutes=20)
        done = farm.runs[-1]
        assert done.status == "skipped"
        assert [event["id"] for event in done.events] == ["event-2"]
        dead = [record for record in farm.runs if record.phase == "dead-letter"]
        assert [[event["id"] for event in record.events] for record in dead] == [["event-1"]]


async def test_a_deal_id_that_is_no_number_fails_its_run(on_a_deal):
    """It isn't tried for ever: the run fails with a sentence."""
    farm = FakeFarm({"triage": [ACT] * 3})
    async with on_a_deal(farm, deal="abc") as deal:
        await deal.tell(deal_event(1, deal="abc"))
        await deal.sleep(minutes=10)
        assert "its id must be a number" in farm.runs[-1].reason
