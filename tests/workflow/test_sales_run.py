"""The sales agent's run, step by step, on a Temporal server that skips time."""

import json
from datetime import timedelta

from contracts import names
from contracts.approvals import Decision, Verdict
from contracts.workflows import RunOutcome
from tests.fakes import FakeFarm, says, uses
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from workflows.sales.agent import SALES

ACT = says('{"verdict": "act", "reason": "the client wrote", "urgency": "high"}')
SKIP = says('{"verdict": "skip", "reason": "a label was edited", "urgency": "low"}')
REPORT = says(
    json.dumps({"headline": "Answered", "what_happened": "A mail came.", "what_i_did": ["a note"], "next_step": "wait"})
)
NOTHING_LEARNT = says('{"facts": []}')
LEARNT = says('{"facts": [{"subject": "decision maker", "fact": "Julien decides", "confidence": 1}]}')
MAIL = {"deal_id": 42, "to": "j@batisseurs.example", "subject": "Devis", "body": "Bonjour"}


async def until_posted(farm) -> None:
    async def posted() -> bool | None:
        return bool(farm.called("slack__post_message")) or None

    await until(posted, "the question was not posted")


def script(*orchestrator, triage=ACT, insight=NOTHING_LEARNT) -> FakeFarm:
    return FakeFarm({"triage": [triage], "orchestrator": list(orchestrator), "insight": [insight]})


async def test_noise_stops_at_triage(on_a_deal):
    """A skipped event costs one cheap call: no tool is called and no strong model asked."""
    farm = script(triage=SKIP)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, label="hot"))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.status == "skipped"
        assert outcome.reason == "a label was edited"
        assert [call.role for call in farm.model_calls] == ["triage"]
        assert farm.tool_calls == []
        assert farm.runs[-1].status == "skipped"


async def test_a_run_goes_through_its_five_steps(on_a_deal):
    """Triage, bootstrap, orchestrate, report, learn: each once, in order, on the history too."""
    farm = script(uses(("crm__add_note", {"deal_id": 42, "content": "x"})), REPORT, insight=LEARNT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="2026-03-02"))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.status == "done"
        assert [call.site.step for call in farm.model_calls] == [
            "triage-1",
            "orchestrate-1",
            "orchestrate-2",
            "learn-1",
        ]
        assert len(farm.called("crm__get_deal")) == 1
        assert len(farm.called("crm__add_note")) == 1
        assert len(farm.called("slack__post_message")) == 1
        assert len(farm.called("memory__remember")) == 1
        # prepare, 4 model calls, 2 reads (the third is quick, and local), note, report, remember: nothing ran twice
        assert len(await deal.history(1, "ACTIVITY_TASK_SCHEDULED")) == 10


async def test_gathered_material_goes_by_reference(on_a_deal):
    """What bootstrap read reaches the strong model as hashes, not as text in Temporal's history."""
    farm = script(REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        orchestrate = next(call for call in farm.model_calls if call.role == "orchestrator")
        assert [item.ref for item in orchestrate.material] == ["r-bootstrap-1", "r-bootstrap-2", "r-bootstrap-3"]


async def test_a_mail_waits_for_a_person(on_a_deal):
    """The mail is sent once, after the approval, and with the arguments that were shown."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        assert farm.called("crm__send_mail") == []
        receipt = await deal.first_run.execute_update(
            names.DECIDE,
            Decision(approval=question.id, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack"),
            result_type=dict,
        )
        assert receipt["accepted"]
        await deal.first_run.result()
        (sent,) = farm.called("crm__send_mail")
        assert sent.arguments == MAIL
        assert sent.effect_key
        assert farm.approvals[question.id].status == "approved"
        assert len(farm.called("slack__update_message")) == 1


async def test_an_edit_runs_the_edited_arguments(on_a_deal):
    """Proposed, approved and executed arguments are all kept, and the model hears of the edit."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    shorter = {**MAIL, "body": "Bonjour Julien"}
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        decision = Decision(
            approval=question.id, verdict=Verdict.EDIT, by="U0CLAIRE", channel="slack", arguments=shorter
        )
        await deal.first_run.execute_update(names.DECIDE, decision)
        await deal.first_run.result()
        assert farm.called("crm__send_mail")[0].arguments == shorter
        record = farm.approvals[question.id]
        assert record.request.arguments == MAIL
        assert record.approved_arguments == shorter
        assert "edited" in farm.model_calls[2].results[0].text


async def test_a_rejection_reaches_the_model(on_a_deal):
    """A rejected mail isn't sent, and the model is told the reason."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        decision = Decision(approval=question.id, verdict=Verdict.REJECT, reason="call him instead")
        await deal.first_run.signal(names.DECIDE, decision)
        await deal.first_run.result()
        assert farm.called("crm__send_mail") == []
        told = farm.model_calls[2].results[0]
        assert told.is_error
        assert "call him instead" in told.text


async def test_a_signal_counts_as_an_operator(on_a_deal):
    """Whatever a signal says of its channel, the record says operator."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.first_run.signal(
            names.DECIDE, {"approval": question.id, "verdict": "approve", "by": "ops", "channel": "slack"}
        )
        await deal.first_run.result()
        assert farm.approvals[question.id].decision.channel == "operator"


async def test_silence_expires(on_a_deal):
    """Three days without an answer: not sent, recorded as expired, and the run goes on."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.sleep(days=3, minutes=1)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.status == "done"
        assert farm.called("crm__send_mail") == []
        assert farm.approvals[question.id].status == "expired"


async def test_siblings_go_on_while_one_waits(on_a_deal):
    """Of two tool calls in one turn, the note is written while the mail still waits for a person."""
    farm = script(uses(("crm__send_mail", MAIL), ("crm__add_note", {"deal_id": 42, "content": "x"})), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.sleep(seconds=5)
        assert len(farm.called("crm__add_note")) == 1
        assert farm.called("crm__send_mail") == []
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await deal.first_run.result()


async def test_a_bad_answer_goes_back_with_the_error(on_a_deal):
    """An answer that doesn't fit its type is repaired by the model, and the repair is counted."""
    farm = FakeFarm({"triage": [says('{"verdict": "maybe"}'), SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, label="x"))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        repair = farm.model_calls[1]
        assert "validation error" in repair.say
        assert "verdict" in repair.say
        assert repair.head == "h"


async def test_repairs_are_bounded(on_a_deal):
    """After two repairs the run fails; each further attempt gets two more; after the third its events are set aside."""
    farm = FakeFarm({"triage": [says("no json")] * 15})  # 3, 5 and 7: this farm has no ledger to find the first ones in
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, label="x"))
        await deal.sleep(minutes=10)
        assert len(farm.model_calls) == 15
        dead = farm.runs[-1]
        assert (dead.status, dead.phase) == ("failed", "dead-letter")
        assert dead.events[0]["id"] == "event-1"


async def test_an_unknown_tool_is_told_to_the_model(on_a_deal):
    """A tool that doesn't exist is answered with the list of those that do."""
    farm = script(uses(("crm__fly", {})), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        told = farm.model_calls[2].results[0]
        assert told.is_error
        assert "crm__add_note" in told.text


async def test_the_turn_limit_asks_a_person(on_a_deal):
    """At the limit the next call isn't made: a person is asked, and a no ends in an answer without tools."""
    reading = [uses(("crm__search_notes", {"deal_id": 42})) for _ in range(19)]
    farm = script(*reading, REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=2))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        assert question.tool == "farm__extend_budget"
        assert len(farm.model_calls) == 20
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.status == "done"
        assert [call.final for call in farm.model_calls] == [False] * 20 + [True, True]
        assert len(farm.approvals) == 1


async def test_an_edited_call_that_fails_says_both(on_a_deal):
    """The model hears that a person edited the call, and why it failed all the same."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    farm.tool_errors["crm__send_mail"] = "bad arguments: to is no address"
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        decision = Decision(approval=question.id, verdict=Verdict.EDIT, arguments={**MAIL, "to": "nobody"})
        await deal.first_run.signal(names.DECIDE, decision)
        await deal.first_run.result()
        told = farm.model_calls[2].results[0]
        assert told.is_error
        assert "edited" in told.text
        assert told.ref == "r-error"


async def test_a_run_that_cannot_read_its_deal_fails(on_a_deal):
    """Better late than blind: nothing is thought or done about a deal that can't be read."""
    farm = script()
    farm.tool_errors["crm__get_deal"] = "crm get_deal could not be reached"
    farm.script["triage"] = [ACT] * 3
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(minutes=10)
        assert {call.role for call in farm.model_calls} == {"triage"}
        assert "could not be reached" in farm.runs[-1].reason
        assert farm.runs[-1].phase == "dead-letter"


async def test_what_went_wrong_beside_is_told_in_the_record(on_a_deal):
    """A report that Slack refused doesn't stop a run, and isn't hidden either."""
    farm = script(REPORT)
    farm.tool_errors["slack__post_message"] = "permanent: channel_not_found"
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.status == "done"
        assert "the report was not posted: permanent: channel_not_found" in outcome.reason
        assert farm.runs[-1].reason == outcome.reason


async def test_a_standby_is_told_in_the_report_and_in_the_record(on_a_deal):
    """No downgrade is silent: who answered instead of whom, and how often; what came after the report in the record."""
    weaker = {"model": "weak-1", "fallback": True, "instead_of": "strong-1"}
    turns = (uses(("crm__add_note", {"deal_id": 42, "content": "x"})), REPORT)
    farm = script(
        *(each.model_copy(update=weaker) for each in turns),
        insight=NOTHING_LEARNT.model_copy(update={**weaker, "instead_of": "small-1"}),
    )
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        (report,) = farm.called("slack__post_message")
        assert "a standby answered: weak-1 instead of strong-1, 2 times" in json.dumps(report.arguments["blocks"])
        assert "a standby answered: weak-1 instead of strong-1, 2 times" in outcome.reason
        assert "a standby answered: weak-1 instead of small-1, once" in outcome.reason


async def test_the_roles_that_an_agent_asks_are_those_it_declares(on_a_deal):
    """`./farm models` tells by the declaration whom another model would concern."""
    farm = script(REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        await deal.first_run.result()
        assert {call.role for call in farm.model_calls} == set(SALES.roles)


async def test_a_stopped_run_withdraws_its_questions(on_a_deal):
    """A question whose run ends without its answer is closed, on record and in Slack."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await until_posted(farm)
        await deal.first_run.cancel()
        await deal.ended(1)
        assert farm.approvals[question.id].status == "withdrawn"
        assert len(farm.called("slack__update_message")) == 1
        assert farm.called("crm__send_mail") == []


async def test_three_days_of_waiting_are_not_working_time(on_a_deal):
    """A run that a person kept waiting goes on: its two hours are for its own work."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.sleep(days=2)
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.used.idle_s > timedelta(days=1).total_seconds()
        assert len(farm.approvals) == 1


async def test_a_question_on_its_way_is_closed_where_it_arrives(on_a_deal):
    """Decided before Slack took it, it isn't called off: it arrives, and shows the outcome instead of buttons."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    farm.tool_slow_s["slack__post_message"] = 1.5
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=5)  # the window's end; while the post lasts, no time is skipped
        question = await deal.asked()
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        await deal.first_run.result()
        assert len(farm.called("slack__update_message")) == 1
