"""The SDK's sandbox, which isn't asked about every payload whose it is.

A data converter may treat one activity's payloads otherwise than another's. So the SDK asks the workflow in its sandbox
about each payload, three times on its way in and three times on its way out: 3 ms of a turn of 42. The farm's converter
treats all alike, and whoever gives it a codec that doesn't takes the SDK's own runner again.
"""

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info


class UniformSandbox(SandboxedWorkflowRunner):
    """A sandbox for workflows whose payloads are all converted alike."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Uniform(super().create_instance(det))


class _Uniform(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance) -> None:
        self._inner = inner

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._inner.activate(act)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ARG002
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002
        return StorageDriverStoreContext()
