"""A question and its people, in a run: reminded at work, escalated, two who must agree, said beforehand, in words.

The clock is the time-skipping server's, so days pass in seconds.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names
from contracts.approvals import Always, ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict
from contracts.events import EntityRef
from contracts.standing import StandingConsent
from contracts.workflows import RunInput, RunOutcome
from tests.fakes import FakeFarm, says, uses
from tests.workflow.committee import CommitteeRun
from tests.workflow.conftest import PARIS, on_a_monday, until
from workers.workflow_code import sandbox

ANSWER = says('{"text": "forty-two"}')
MAIL = {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"}
SHORTER = {**MAIL, "body": "Bonjour Julien"}
NOTE = {"deal_id": 42, "content": "called"}
STAGE = {"deal_id": 42, "field": "stage", "value": "Offer"}


@pytest.fixture
async def temporal(temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    await on_a_monday(temporal)
    return temporal


@dataclass
class Sitting:
    """A run of the committee."""

    run: WorkflowHandle[Any, Any]
    farm: FakeFarm
    env: WorkflowEnvironment

    async def asked(self) -> ApprovalRequest:
        async def question() -> ApprovalRequest | None:
            found = await self.run.query(names.APPROVALS, result_type=list[ApprovalRequest])
            return found[0] if found else None

        return await until(question, "no question was asked")

    async def decide(self, approval: str, by: str, verdict: Verdict = Verdict.APPROVE, **more: Any) -> DecisionReceipt:
        decision = Decision(approval=approval, verdict=verdict, by=by, channel="slack").model_copy(update=more)
        return await self.run.execute_update(names.DECIDE, decision, result_type=DecisionReceipt)

    async def outcome(self) -> RunOutcome:
        return RunOutcome.model_validate(await self.run.result())

    async def pass_until(self, moment: datetime) -> None:
        await self.env.sleep(moment - await self.env.get_current_time())

    def said(self, of: str) -> list[tuple[str, str]]:
        """What was posted in threads: step and text."""
        posts = self.farm.called("slack__post_message")
        return [(each.site.step, str(each.arguments["text"])) for each in posts if of in each.site.step]


@asynccontextmanager
async def sitting(env: WorkflowEnvironment, *turns: Any, farm: FakeFarm | None = None) -> AsyncIterator[Sitting]:
    name = uuid.uuid4().hex[:8]
    farm = farm or FakeFarm({})
    farm.script["committee"] = [*turns, ANSWER]
    async with pool(env, name, farm):
        job = RunInput(agent="committee", entity=EntityRef(kind="deal", id="42"), number=1, events=())
        run = await env.client.start_workflow("CommitteeRun", job, id="committee:deal:42/run-1", task_queue=name)
        yield Sitting(run, farm, env)


def pool(env: WorkflowEnvironment, queue: str, farm: FakeFarm, cached: int = 100) -> Worker:
    return Worker(
        env.client,
        task_queue=queue,
        workflows=[CommitteeRun],
        activities=farm.activities,
        workflow_runner=sandbox(strict=True),
        max_cached_workflows=cached,
    )


async def test_two_must_agree_and_see_what_the_other_changed(temporal):
    """The first yes is recorded and shown; the mail goes once, as the second of them saw it."""
    async with sitting(temporal, uses(("crm__send_mail", MAIL))) as room:
        question = await room.asked()
        assert (await room.decide(question.id, "U0CLAIRE", Verdict.EDIT, arguments=SHORTER)).message == (
            "counted: 1 of the 2 who must agree"
        )
        assert not (await room.decide(question.id, "claire@chaleo.example", channel="page")).accepted
        assert not (await room.decide(question.id, "U0TOM", arguments_hash=question.arguments_hash)).accepted
        assert room.farm.called("crm__send_mail") == []
        assert len(room.farm.approvals[question.id].votes) == 1
        assert (await room.decide(question.id, "U0TOM")).accepted
        await room.outcome()
        assert [call.arguments for call in room.farm.called("crm__send_mail")] == [SHORTER]
        record = room.farm.approvals[question.id]
        assert [vote.decision.by for vote in record.votes] == ["U0CLAIRE", "U0TOM"]
        shown = [str(each.arguments["blocks"]) for each in room.farm.called("slack__update_message")]
        assert "Bonjour Julien" in shown[0]


async def test_ten_days_of_silence(temporal):
    """Reminders that grow rarer and come at work, two escalations; in the end it isn't done, and all is on record."""
    async with sitting(temporal, uses(("crm__send_mail", MAIL))) as room:
        question = await room.asked()
        await temporal.sleep(timedelta(days=10))
        await room.outcome()
        record = room.farm.approvals[question.id]
        assert (record.status, record.request.level, record.decision) == ("expired", 2, None)
        assert record.request.approvers == ("U0CLAIRE", "U0TOM", "U0HEAD", "owner")
        assert room.farm.called("crm__send_mail") == []
        assert 3 <= len(record.reminded_at) <= 9
        for moment in record.reminded_at[:2]:
            assert_at_work(record, moment)
        assert record.decided_at >= question.asked_at + timedelta(days=6)
        reminders, levels = room.said("reminder"), [text for step, text in room.said("level") if "shown" not in step]
        assert len(reminders) == len(record.reminded_at)
        assert reminders[0][1].startswith("<@U0CLAIRE> <@U0TOM> This still waits")
        assert levels[0].startswith("<@U0HEAD> Nobody has answered")
        assert levels[1].startswith("owner Nobody has answered")
        told = room.farm.model_calls[-1].results[0]
        assert (told.is_error, told.text) == (True, "Nobody decided in time, so this was not done.")


def assert_at_work(record: ApprovalRecord, moment: datetime) -> None:
    """A level-0 reminder comes between nine and six in Paris, on a weekday."""
    there = moment.astimezone(PARIS)
    assert there.weekday() < 5
    assert 9 <= there.hour < 18


async def test_of_two_decisions_at_once_one_counts(temporal):
    """Whoever was later by a hair is told who was first, and the call is made once."""
    async with sitting(temporal, uses(("crm__update_deal", STAGE))) as room:
        question = await room.asked()
        both = await asyncio.gather(*(room.decide(question.id, who) for who in ("U0CLAIRE", "U0TOM")))
        assert sorted(receipt.accepted for receipt in both) == [False, True]
        refused = next(receipt for receipt in both if not receipt.accepted)
        assert refused.message.startswith("too late: already approved by U0")
        await room.outcome()
        assert len(room.farm.called("crm__update_deal")) == 1


async def test_whoever_is_asked_after_an_escalation_counts(temporal):
    """Before it her word is nothing, after it it is one of the two; the first people's count on."""
    async with sitting(temporal, uses(("crm__send_mail", MAIL))) as room:
        question = await room.asked()
        assert not (await room.decide(question.id, "U0HEAD")).accepted
        await room.pass_until(question.expires_at + timedelta(minutes=1))
        assert (await room.decide(question.id, "U0HEAD")).accepted
        assert (await room.decide(question.id, "U0TOM")).accepted
        await room.outcome()
        assert len(room.farm.called("crm__send_mail")) == 1


@pytest.mark.slow
async def test_a_wait_goes_on_in_another_worker(temporal):
    """What a deploy does: votes before it count, those who are asked are reminded once, the term stays the same."""
    farm, queue = FakeFarm({"committee": [uses(("crm__send_mail", MAIL)), ANSWER]}), uuid.uuid4().hex
    job = RunInput(agent="committee", entity=EntityRef(kind="deal", id="42"), number=1, events=())
    # Without a cache: this server skips no time while a task waits for the worker that is gone.
    async with pool(temporal, queue, farm, cached=0):
        run = await temporal.client.start_workflow("CommitteeRun", job, id="committee:deal:42/run-1", task_queue=queue)
        room = Sitting(run, farm, temporal)
        question = await room.asked()
        assert (await room.decide(question.id, "U0CLAIRE")).accepted
    async with pool(temporal, queue, farm, cached=0):
        await room.pass_until(question.expires_at - timedelta(minutes=1))
        assert (await room.asked()).expires_at == question.expires_at
        steps = [step for step, _ in room.said("reminder")]
        assert steps
        assert len(steps) == len(set(steps))
        assert not (await room.decide(question.id, "U0CLAIRE")).accepted
        assert (await room.decide(question.id, "U0TOM")).accepted
        await room.outcome()
        assert len(farm.called("crm__send_mail")) == 1
        assert len(farm.model_calls) == 2


async def test_silence_is_consent_where_policy_says_so(temporal):
    async with sitting(temporal, uses(("crm__update_deal", STAGE))) as room:
        question = await room.asked()
        await room.outcome()
        assert len(room.farm.called("crm__update_deal")) == 1
        record = room.farm.approvals[question.id]
        assert (record.status, record.decision.by, record.decision.channel) == ("approved", "policy", "policy")


async def test_what_is_said_beforehand_is_not_asked(temporal):
    """And the record says who said it, when and for how long."""
    farm = FakeFarm({})
    farm.consents = [
        StandingConsent(
            approval="a1",
            agent="committee",
            entity="deal:42",
            tool="crm__add_note",
            rule="r1",
            until=date(2027, 1, 31),
            by="U0CLAIRE",
            channel="slack",
            given_at=datetime(2026, 11, 26, tzinfo=UTC),
        )
    ]
    async with sitting(temporal, uses(("crm__add_note", NOTE)), farm=farm) as room:
        await room.outcome()
        assert [call.arguments for call in farm.called("crm__add_note")] == [NOTE]
        assert farm.called("slack__post_message") == []
        [record] = farm.approvals.values()
        assert (record.decision.by, record.decision.channel) == ("U0CLAIRE", "standing")
        assert record.decision.reason == "said beforehand on 2026-11-26 (a1), until 2027-01-31"


async def test_a_consent_for_all_is_no_consent_where_policy_permits_it_for_one(temporal):
    """A rule that was narrowed since asks again."""
    farm = FakeFarm({})
    consent = StandingConsent.model_construct(tool="crm__add_note", entity="", approval="a1", by="x", rule="r")
    farm.consents = [
        consent.model_copy(
            update={
                "agent": "committee",
                "channel": "cli",
                "until": date(2027, 1, 31),
                "given_at": datetime(2026, 11, 26, tzinfo=UTC),
            }
        )
    ]
    async with sitting(temporal, uses(("crm__add_note", NOTE)), farm=farm) as room:
        question = await room.asked()
        always = Always(until=(question.asked_at + timedelta(days=7)).date())
        assert (await room.decide(question.id, "U0TOM", always=always)).accepted
        await room.outcome()
        assert farm.approvals[question.id].decision.always == always


async def test_an_agent_asks_in_words_and_hears_the_answer(temporal):
    """The answer is the tool's result, and stays with the run however long it grows."""
    wish = {"question": "Which colour?", "choices": ["red", "blue"], "why": "the offer names it"}
    async with sitting(temporal, uses((names.ASK_PERSON, wish))) as room:
        question = await room.asked()
        assert (question.kind, question.what, question.choices) == ("question", "Which colour?", ("red", "blue"))
        assert not (await room.decide(question.id, "U0TOM")).accepted
        assert (await room.decide(question.id, "U0TOM", Verdict.ANSWER, answer="green")).accepted
        await room.outcome()
        told = room.farm.model_calls[-1].results[0]
        assert (told.is_error, told.text) == (False, "The answer is: green")


async def test_a_question_that_nobody_answers_has_its_default(temporal):
    wish = {"question": "Which colour?", "default": "red"}
    async with sitting(temporal, uses((names.ASK_PERSON, wish))) as room:
        await room.outcome()
        told = room.farm.model_calls[-1].results[0]
        assert (told.is_error, told.text) == (False, "Nobody answered in time, so it is as you said: red")


async def test_a_question_that_is_none_goes_back_to_the_model(temporal):
    async with sitting(temporal, uses((names.ASK_PERSON, {"question": ""}))) as room:
        await room.outcome()
        assert room.farm.model_calls[-1].results[0].is_error
        assert room.farm.approvals == {}
