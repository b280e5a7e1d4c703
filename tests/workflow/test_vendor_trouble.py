"""A model's vendor that is away, or that refuses: what becomes of the run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from activities.failures import model_error
from contracts import names
from contracts.calls import ModelCall, ModelReply
from contracts.workflows import RunOutcome
from gateway.calls.failures import classify
from tests.fakes import FakeFarm
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, NOTHING_LEARNT, REPORT
from workflows.failures import kind_of

OUTAGE = timedelta(minutes=10)
OVERLOADED = '{"error": {"type": "overloaded_error", "message": "Overloaded"}}'


class Overloaded(FakeFarm):
    """The vendor of these roles says 529 for ten minutes from the first call, by the server's skipped time."""

    def __init__(self, env: WorkflowEnvironment, roles: set[str], headers: dict[str, str]) -> None:
        super().__init__({"triage": [ACT], "orchestrator": [REPORT], "insight": [NOTHING_LEARNT]})
        self._env = env
        self._roles = roles
        self._headers = headers
        self._back_at: datetime | None = None
        self.turned_away: list[datetime] = []

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        now = await self._env.get_current_time()
        self._back_at = self._back_at or now + OUTAGE
        if now < self._back_at and call.role in self._roles:
            self.turned_away.append(now)
            raise model_error(classify(529, OVERLOADED, self._headers, datetime.now(UTC)))
        return await super().call_model(call)


async def _outcome(deal: Any) -> RunOutcome:
    await deal.tell(deal_event(1, last_incoming_mail_time="x"))
    for _ in range(15):
        await deal.sleep(minutes=1)
    await deal.ended(1)
    return RunOutcome.model_validate(await deal.first_run.result())


async def test_an_outage_of_ten_minutes_is_waited_out(temporal, on_a_deal):
    """The run goes on when the vendor is back, at most 20 s later, and has failed no step; nothing ran twice."""
    farm = Overloaded(temporal, {"triage", "orchestrator", "insight"}, {})
    async with on_a_deal(farm) as deal:
        assert (await _outcome(deal)).status == "done"
    assert farm.turned_away[-1] - farm.turned_away[0] >= OUTAGE - timedelta(seconds=20)
    assert [call.site.step for call in farm.model_calls] == ["triage-1", "orchestrate-1", "learn-1"]


async def test_a_vendor_that_says_when_is_asked_then(temporal, on_a_deal):
    """Retry-After is obeyed: in ten minutes it is asked ten times at most, and not thirty."""
    farm = Overloaded(temporal, {"triage"}, {"retry-after": "60"})
    async with on_a_deal(farm) as deal:
        assert (await _outcome(deal)).status == "done"
    assert 9 <= len(farm.turned_away) <= 10


async def test_a_refusal_ends_the_run_and_is_not_asked_to_mend_itself(on_a_deal):
    """One call, and a failure of its own kind: the same words would be refused again, and paid for again."""
    no = ModelReply(head="h", stop_reason="refusal", model="fake", cost_usd=0.001)
    farm = FakeFarm({"triage": [no, ACT]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        with pytest.raises(WorkflowFailureError) as caught:
            await deal.first_run.result()
        assert kind_of(caught.value.__cause__) == "refused"
    assert [call.site.step for call in farm.model_calls][:1] == ["triage-1"]
    assert farm.runs[-1].status == "failed"
