"""A run of many turns goes on in new histories, and neither forgets nor repeats anything."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.agents import Limits
from contracts.approvals import Decision, DecisionReceipt, Verdict
from contracts.steering import Pause, Resume, Steer, SteerReceipt, UseModels
from tests.fakes import FakeFarm, says, uses
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.teamwork import EVENTS_A_HISTORY, ROOMY, lead, server

ANSWER = says('{"text": "forty-two"}')
READ = uses(("crm__search_notes", {"deal_id": 42}))
NOTE = uses(("crm__add_note", {"deal_id": 42, "content": "x"}))
MAIL = uses(("crm__send_mail", {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"}))
MONTHS_AHEAD = uses(("farm__set_follow_up", {"date": "2099-01-01", "reason": "a new year"}))


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


def failure(kind: str, text: str) -> ApplicationError:
    return ApplicationError(text, type=kind, non_retryable=True)


async def asked_for(job, tool: str):
    question = await job.asked()
    return question if question.tool == tool else None


@pytest.mark.slow
async def test_a_long_run_goes_on_in_new_histories(temporal):
    """Forty turns take several histories, none much longer than the server wants; each step is made exactly once."""
    farm = FakeFarm({"lead": [NOTE] * 40 + [ANSWER]})
    async with lead(temporal.client, farm) as job:
        outcome = await job.outcome()
        assert outcome.report == {"text": "forty-two"}
        histories = await job.histories()
        assert len(histories) > 4
        assert max(map(len, histories)) < EVENTS_A_HISTORY + 30
        assert Counter(call.site.step for call in farm.model_calls) == {f"orchestrate-{n}": 1 for n in range(1, 42)}
        assert Counter(call.site.step for call in farm.tool_calls) == {
            "triage-read": 1,
            **{f"orchestrate-{n}.1": 1 for n in range(1, 41)},
        }


async def test_nothing_is_forgotten_on_the_way(temporal):
    """Budget used, follow-up, effect keys, the kit and the finished phases come along."""
    farm = FakeFarm({"lead": [MONTHS_AHEAD, *[NOTE] * 20, ANSWER]})
    async with lead(temporal.client, farm) as job:
        outcome = await job.outcome()
        assert len(await job.histories()) > 2
        assert outcome.reason == "ok"  # what the first phase read
        assert outcome.follow_up.reason == "a new year"
        assert outcome.used.turns == 22
        assert outcome.used.cost_usd == pytest.approx(0.211)
        assert len({call.effect_key for call in farm.called("crm__add_note")}) == 20
        assert {call.prompt for call in farm.model_calls} == {"orchestrate"}


async def test_a_budget_holds_across_histories(temporal):
    """The 15th turn is the last one, though it comes in another history than the first; a yes grants as many again."""
    farm = FakeFarm({"lead": [NOTE] * 20 + [ANSWER]})
    async with lead(temporal.client, farm, Limits(turns=15, cost_usd=100)) as job:
        question = await job.asked()
        assert question.why == "15 turns used of 15"
        assert len(farm.model_calls) == 15
        assert len(await job.histories()) > 1
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        assert (await job.outcome()).used.turns == 21


async def test_approvals_hold_across_histories(temporal):
    """In a later history a mail still asks, and a late click on an earlier question still gets a clear answer."""
    farm = FakeFarm({"lead": [MAIL, *[READ] * 12, MAIL, ANSWER]})
    async with lead(temporal.client, farm) as job:
        first = await job.asked()
        by_claire = {"verdict": Verdict.REJECT, "by": "U0CLAIRE", "channel": "slack"}
        await job.run.execute_update(names.DECIDE, Decision(approval=first.id, **by_claire))

        async def asked_again() -> str | None:
            question = await job.asked()
            return question.id if question.id != first.id else None

        second = await until(asked_again, "no second question was asked")
        assert len(await job.histories()) > 1
        late = await job.run.execute_update(
            names.DECIDE, Decision(approval=first.id, **by_claire), result_type=DecisionReceipt
        )
        assert (late.accepted, late.message) == (False, "too late: already rejected by U0CLAIRE")
        await job.run.execute_update(names.DECIDE, Decision(approval=second, **by_claire))
        await job.outcome()
        assert farm.called("crm__send_mail") == []


@pytest.mark.slow
async def test_a_paused_run_waits_and_goes_on(temporal):
    """No call is made between pause and resume; both are on record, with who and why."""
    farm = FakeFarm({"lead": [READ] * 30 + [ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.until_turn(3)
        await job.run.signal(names.PAUSE, Pause(by="claire", reason="on the phone"))

        async def waits() -> bool | None:
            return farm.runs[-1].reason == "paused by claire" or None

        await until(waits, "the run did not hold")
        made = len(farm.model_calls)
        assert (await job.run.query(names.STATUS))["status"] == "waiting"
        assert len(farm.model_calls) == made < 31
        await job.run.signal(names.RESUME, Resume(by="tom"))
        await job.outcome()
        assert len(farm.model_calls) == 31
        told = [(each.number, each.kind, each.by, each.text) for each in farm.interventions]
        assert told == [(1, "pause", "claire", "on the phone"), (2, "resume", "tom", "")]


@pytest.mark.slow
async def test_a_run_that_was_moved_stays_so_in_its_next_history(temporal):
    """The model that a person gave a role is asked in every history that follows."""
    farm = FakeFarm({"lead": [READ] * 30 + [ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.until_turn(3)
        await job.run.signal(names.USE_MODELS, UseModels(models={"lead": "other", "scout": "third"}, by="claire"))
        moved = len(farm.model_calls) + 1
        await job.outcome()
        assert len(await job.histories()) > 1
        assert {call.model for call in farm.model_calls[moved:]} == {"other"}


async def test_a_word_reaches_the_agent_before_its_next_turn(temporal):
    """What a person says is part of the next call, once, and is told in the record."""
    farm = FakeFarm({"lead": [READ] * 20 + [ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.until_turn(2)
        receipt = await job.run.execute_update(
            names.STEER, Steer(text="Offer no discount", by="claire"), result_type=SteerReceipt
        )
        assert receipt.accepted
        await job.outcome()
        (heard,) = [call for call in farm.model_calls if "Offer no discount" in call.say]
        assert heard.say == "A person (claire) tells you while you work: Offer no discount"
        assert [(each.kind, each.text) for each in farm.interventions] == [("steer", "Offer no discount")]


async def test_a_word_during_the_last_turn_is_still_heard(temporal):
    """An answer given without having heard it isn't taken yet: the agent is told, and answers again."""
    farm = FakeFarm({"lead": [MAIL, ANSWER, says('{"text": "without a discount"}')]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        farm.before_model = lambda: job.run.signal(names.STEER, Steer(text="Offer no discount"))
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        assert (await job.outcome()).report == {"text": "without a discount"}
        assert "Offer no discount" in farm.model_calls[2].say


@pytest.mark.slow
async def test_news_is_heard_once_whatever_the_histories(temporal):
    """News that comes in every turn is told once each, in order, and named in the outcome, over several histories."""
    farm = FakeFarm({"lead": [READ] * 20 + [ANSWER]})
    async with lead(temporal.client, farm) as job:
        told = 0

        async def news() -> None:
            nonlocal told
            told += 1
            await job.run.signal(names.NEWS, deal_event(told, kind="note.create"))
            farm.before_model = news if told < 20 else None

        farm.before_model = news
        outcome = await job.outcome()
        assert len(await job.histories()) > 2
        heard = [word for call in farm.model_calls for word in re.findall(r"news \d+", call.say)]
        assert heard == [f"news {number}" for number in range(1, 21)]
        assert outcome.heard == tuple(f"pipedrive:event-{number}" for number in range(1, 21))


async def test_news_overtakes_no_question_about_money(temporal):
    """Whether a run may use more is asked on, and what came is heard once somebody said yes."""
    farm = FakeFarm({"lead": [READ, ANSWER]})
    async with lead(temporal.client, farm, Limits(turns=1, cost_usd=100)) as job:
        question = await job.asked()
        await job.run.signal(names.NEWS, deal_event(1))
        receipt = await job.run.execute_update(
            names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE), result_type=DecisionReceipt
        )
        assert receipt.accepted
        assert (await job.outcome()).heard == ("pipedrive:event-1",)
        assert farm.approvals[question.id].status == "approved"
        assert "news 1" in farm.model_calls[1].say


async def test_working_time_that_is_used_up_asks_a_person(temporal):
    """Before the next call; after a no the model answers with what it has."""
    farm = FakeFarm({"lead": [ANSWER]})
    async with lead(temporal.client, farm, ROOMY.model_copy(update={"working_time": timedelta(0)})) as job:
        question = await job.asked()
        assert re.fullmatch(r"0:00:\d\d worked of 0:00:00", question.why)  # a busy machine takes a second to ask
        assert farm.model_calls == []
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        await job.outcome()
        assert [call.final for call in farm.model_calls] == [True]


async def test_a_gateway_that_refuses_by_budget_asks_a_person(temporal):
    """The key's budget at the gateway is a question too: a yes tries the same call again, a no ends the run."""
    refusal = failure("budget", "The gateway answered 422: budget has been exceeded")
    farm = FakeFarm({"lead": [READ, refusal, ANSWER]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        assert "budget has been exceeded" in question.why
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        assert (await job.outcome()).report == {"text": "forty-two"}
        assert [call.site.step for call in farm.model_calls] == ["orchestrate-1", "orchestrate-2", "orchestrate-2"]


async def test_a_long_conversation_goes_on_from_a_summary(temporal):
    """Near the window the cheap role sums up, the newest results and what was done stay word for word."""
    long = uses(("crm__add_note", {"deal_id": 42, "content": "wants blue"}), tokens=1_000)
    farm = FakeFarm({"lead": [READ, long, READ, ANSWER], "triage": [says("They want it in blue.", tokens=1_200)]})
    async with lead(temporal.client, farm, ROOMY.model_copy(update={"conversation_tokens": 900})) as job:
        await job.outcome()
        before, summary, after = farm.model_calls[1:4]
        assert (summary.role, summary.fold, summary.final) == ("triage", True, True)
        assert (summary.prompt, summary.tools, summary.answer) == (before.prompt, before.tools, "")
        assert [(each.tool_use_id, each.ref) for each in summary.results] == [("toolu_0", "")]
        assert summary.pinned == ("orchestrate-2.1 done: add note: deal_id 42, content wants blue -> ok",)
        assert after.head == "h"
        assert after.results == ()
        assert [each.ref for each in after.material] == ["r-orchestrate-2.1"]
        assert after.say.startswith("The conversation had grown long")
        assert [call.fold for call in farm.model_calls] == [False, False, True, False, False]


async def test_a_conversation_that_is_too_long_is_summed_up(temporal):
    """Where the vendor says so before we noticed, the turn is asked again from a summary, and succeeds."""
    farm = FakeFarm(
        {"lead": [READ, failure("context_too_long", "prompt is too long"), ANSWER], "triage": [says("All quiet.")]}
    )
    async with lead(temporal.client, farm) as job:
        assert (await job.outcome()).report == {"text": "forty-two"}
        assert [call.site.step for call in farm.model_calls] == [
            "orchestrate-1",
            "orchestrate-2",
            "orchestrate-summary-1",
            "orchestrate-3",
        ]
