"""A fork's workflow stays at home: whatever it would start in another pool it starts on its own queue, or not at all.

Runs in the workflow sandbox, around the agent's unchanged code.
"""

from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    Interceptor,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class AtHome(Interceptor):
    """For a fork's worker."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002  the SDK's name
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        input.task_queue = None
        return super().start_activity(input)

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> workflow.ChildWorkflowHandle[Any, Any]:  # noqa: A002
        input.task_queue = None
        # Nobody else's: what the fork starts ends with it.
        input.parent_close_policy = workflow.ParentClosePolicy.TERMINATE
        return await super().start_child_workflow(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:  # noqa: A002
        raise ApplicationError(f"a fork signals nobody: {input.signal} to {input.workflow_id}", non_retryable=True)

    async def start_nexus_operation(self, input: Any) -> NoReturn:  # noqa: A002, ARG002
        raise ApplicationError("a fork calls no other namespace", non_retryable=True)
