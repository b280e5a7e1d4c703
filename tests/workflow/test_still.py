"""An approved call after a long wait: where the world has changed meanwhile, people are asked again."""

from datetime import timedelta

from contracts.approvals import Verdict
from tests.fakes import FakeFarm, uses
from tests.workflow.test_people import Sitting, sitting

CALL = {"deal_id": 42, "subject": "Call him", "type": "call", "due_date": "2026-12-01"}
ELSEWHERE = {**CALL, "deal_id": 43}
WISH = uses(("crm__create_activity", CALL))
OFFER = {"status": "open", "stage": "Offer", "title": "x"}
LOST = {**OFFER, "status": "lost"}


def on(*deals: dict[str, str]) -> FakeFarm:
    """A farm whose deal is read so, one time after another."""
    farm = FakeFarm({})
    farm.tool_data["crm__get_deal"] = list(deals)
    return farm


async def yes_after(job: Sitting, hours: float, approval: str, **more) -> None:
    await job.env.sleep(timedelta(hours=hours))
    await job.decide(approval, "U0CLAIRE", **more)


async def asked_anew(job: Sitting, approval: str):
    question = await job.asked()
    assert question.id != approval
    return question


def reads(farm: FakeFarm) -> list[tuple[str, dict]]:
    return [(call.site.step, call.arguments) for call in farm.called("crm__get_deal") if call.pick]


async def test_an_unchanged_world_runs_what_was_approved(temporal):
    """It is read when it is asked and again before it runs; the third set of arguments says that it ran."""
    farm = on(OFFER)
    async with sitting(temporal, WISH, farm=farm) as job:
        question = await job.asked()
        assert question.still == {"crm__get_deal status": "open", "crm__get_deal stage": "Offer"}
        await yes_after(job, 5, question.id)
        await job.outcome()
        assert [call.arguments for call in farm.called("crm__create_activity")] == [CALL]
        assert [step for step, _ in reads(farm)] == ["orchestrate-1.1.before.1", "orchestrate-1.1.after.1"]
        assert farm.approvals[question.id].executed_arguments == CALL


async def test_a_changed_world_asks_again(temporal):
    """The old question stays approved and unexecuted; the new one says what has changed, and runs what it is told."""
    farm = on(OFFER, LOST)
    async with sitting(temporal, WISH, farm=farm) as job:
        first = await job.asked()
        await yes_after(job, 5, first.id)
        second = await asked_anew(job, first.id)
        assert (second.again, second.changed) == (first.id, "status: from open to lost")
        assert farm.called("crm__create_activity") == []
        assert (farm.approvals[first.id].status, farm.approvals[first.id].executed_arguments) == ("approved", None)
        await yes_after(job, 5, second.id)
        await job.outcome()
        assert len(farm.called("crm__create_activity")) == 1
        assert farm.approvals[second.id].executed_arguments == CALL


async def test_a_quick_yes_is_not_read_again(temporal):
    """Within minutes the world is taken to be as it was."""
    farm = on(OFFER, LOST)
    async with sitting(temporal, WISH, farm=farm) as job:
        await yes_after(job, 0.05, (await job.asked()).id)
        await job.outcome()
        assert len(farm.called("crm__create_activity")) == 1
        assert len(reads(farm)) == 1


async def test_what_cannot_be_read_is_not_done_blindly(temporal):
    """People are told, and asked again."""
    farm = on(OFFER)
    async with sitting(temporal, WISH, farm=farm) as job:
        first = await job.asked()
        farm.tool_errors["crm__get_deal"] = "permanent: gone"
        await yes_after(job, 5, first.id)
        second = await asked_anew(job, first.id)
        assert second.changed == "status: can't be read; stage: can't be read"
        await job.decide(second.id, "U0CLAIRE", Verdict.REJECT)
        await job.outcome()
        assert farm.called("crm__create_activity") == []


async def test_a_world_that_never_rests_goes_back_to_the_agent(temporal):
    """Three times approved and changed: the model hears what keeps changing, and nothing is done."""
    farm = on(*({"status": "open", "stage": str(number)} for number in range(9)))
    async with sitting(temporal, WISH, farm=farm) as job:
        last = ""
        for _ in range(3):
            question = await asked_anew(job, last)
            last = question.id
            await yes_after(job, 1, last)
        await job.outcome()
        assert farm.called("crm__create_activity") == []
        (told,) = farm.model_calls[1].results
        assert told.text.startswith(
            "People approved this, and each time something had changed before it could run: stage"
        )


async def test_an_edited_call_is_read_by_what_it_says(temporal):
    """Another deal than was asked about: that one is read, and asked about as it stands."""
    farm = on(OFFER, LOST)
    async with sitting(temporal, WISH, farm=farm) as job:
        first = await job.asked()
        await yes_after(job, 5, first.id, verdict=Verdict.EDIT, arguments=ELSEWHERE)
        second = await asked_anew(job, first.id)
        assert second.arguments == ELSEWHERE
        assert [arguments["deal_id"] for _, arguments in reads(farm)] == [42, 43, 43]
        await yes_after(job, 0.05, second.id)
        await job.outcome()
        assert [call.arguments for call in farm.called("crm__create_activity")] == [ELSEWHERE]
