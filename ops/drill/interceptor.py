"""Trip wires inside Temporal's worker: around activities, at a decision, at continue-as-new; and the book of steps."""

import asyncio
from typing import Any, NoReturn

from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ContinueAsNewInput,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from contracts import names
from contracts.approvals import ApprovalRecord
from ops.drill.boundaries import Boundary
from ops.drill.wires import Wires

ASKED_S = 1.0
"""How long a question has stood when its worker is killed: the workflow is at rest by then."""


class WiredWorker(Interceptor):
    """Nothing but wires: what passes through is not changed."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Activities(next, self._wires)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002  the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        wires = self._wires

        class Workflows(_Workflows):
            its_wires = wires

        return Workflows


class _Activities(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, wires: Wires) -> None:
        super().__init__(following)
        self._wires = wires

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        assert info.workflow_id is not None
        run, step = info.workflow_id, _step(info, input.args[0])
        number, done = self._wires.book.step_begins(run, step), False
        try:
            if info.is_local:
                self._wires.trip(Boundary.IN_TASK, run, step)
            result = await super().execute_activity(input)
            if not info.is_local:
                self._wires.trip(Boundary.BEFORE_TEMPORAL, run, step)
            done = True
        finally:
            self._wires.book.step_ends(number, done=done)
        self._lie_in_wait(input.args[0], run, step)
        return result

    def _lie_in_wait(self, argument: Any, run: str, step: str) -> None:
        """A question's record is written in the very process that holds its workflow: that one shall die."""
        if isinstance(argument, ApprovalRecord) and argument.status == "pending":
            asyncio.get_running_loop().call_later(ASKED_S, self._wires.trip, Boundary.WAITING, run, step)


def _step(info: activity.Info, argument: Any) -> str:
    """What tells one step of a run from another: the call's own step, or a record's content."""
    site = getattr(argument, "site", None)
    if site is not None:
        return str(site.step)
    told = [getattr(argument, name, "") for name in ("status", "phase")]
    return ":".join(filter(None, [info.activity_type, *told]))


class _Workflows(WorkflowInboundInterceptor):
    its_wires: Wires

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self.its_wires))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        if workflow.info().continued_run_id:
            _trip(self.its_wires, Boundary.ROTATED)
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        receipt = await super().handle_update_handler(input)
        if input.update == names.DECIDE:
            _trip(self.its_wires, Boundary.DECIDING)
        return receipt


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, following: WorkflowOutboundInterceptor, wires: Wires) -> None:
        super().__init__(following)
        self._wires = wires

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        _trip(self._wires, Boundary.ROTATING)
        super().continue_as_new(input)


def _trip(wires: Wires, boundary: Boundary) -> None:
    """From workflow code. A replay comes by places where others have died already."""
    if not workflow.unsafe.is_replaying():
        info = workflow.info()
        wires.trip(boundary, info.workflow_id, info.run_id)
