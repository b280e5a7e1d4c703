"""What an entity's workflow has to be stopped by its breaker, and let go on by a person."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from contracts import names
from contracts.agents import AgentSpec
from contracts.approvals import ApprovalRequest, Decision, DecisionReceipt
from contracts.steering import Resume
from contracts.workflows import EntityState
from workflows import steps
from workflows.entity.breaker import Fuse, stopped
from workflows.entity.stopping import Stop

# What histories of before do otherwise, until they go on as new.
BREAKER = "one-run-too-many-waits-for-a-person"
ASKS = "a-stopped-entity-asks-whether-it-goes-on"


class Stoppable:
    """The breaker of one entity, and those who may talk to it about that."""

    def __init__(self, spec: AgentSpec, state: EntityState) -> None:
        self.spec = spec
        self.entity = state.entity
        self.fuse = Fuse(spec.breaker, list(state.begun), state.stopped)
        self.stop = Stop(spec, state.entity, self.fuse)

    @workflow.signal(name=names.RESUME)
    def resume(self, word: Resume) -> None:
        """An operator has looked, and lets it go on."""
        workflow.logger.info("%s goes on, says %s", workflow.info().workflow_id, word.by)
        self.stop.release(word)

    @workflow.signal(name=names.DECIDE)
    def decide_by_signal(self, decision: Decision) -> None:
        """Decide from `temporal workflow signal`, and so as an operator, whether it goes on."""
        receipt = self.stop.decide(decision.model_copy(update={"channel": "operator"}))
        if not receipt.accepted:
            workflow.logger.warning("decision by signal refused: %s", receipt.message)

    @workflow.update(name=names.DECIDE)
    def decide(self, decision: Decision) -> DecisionReceipt:
        """Decide whether it goes on, and hear whether that counted."""
        return self.stop.decide(decision)

    @workflow.query(name=names.APPROVALS)
    def open_approvals(self) -> list[ApprovalRequest]:
        return list(self.stop.desk.open())

    async def released(self, runs: int, waiting: int, given_up: Callable[[], bool]) -> None:
        """Return when a person lets it go on, or another history is to wait for that instead of this."""
        if not workflow.patched(BREAKER):
            self.fuse.mend()
        elif workflow.patched(ASKS):
            await self.stop.until_released(runs, waiting, given_up)
        else:
            alarm = stopped(self.spec, workflow.info().workflow_id, runs, waiting)
            telling = asyncio.create_task(steps.raise_alarm(alarm))
            await workflow.wait_condition(lambda: not self.fuse.blown or given_up())
            telling.cancel()
