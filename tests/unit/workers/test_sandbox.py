"""Whose a payload is makes no difference, so the sandbox isn't asked."""

from typing import Any, NoReturn

import pytest
from temporalio.converter import ActivitySerializationContext, SerializationContext, WorkflowSerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from contracts.converter import data_converter
from workers.workflow_code import sandbox

ACTIVITY = ActivitySerializationContext(
    namespace="default",
    activity_id="1",
    activity_type="call_model",
    activity_task_queue="agent-sales",
    workflow_id="w",
    workflow_type="SalesRun",
    is_local=False,
)


@pytest.mark.parametrize("context", [WorkflowSerializationContext("default", "w"), ACTIVITY])
def test_every_payload_is_converted_alike(context: SerializationContext) -> None:
    """A converter that heeds the context would need the SDK's own runner again: see workers/sandbox.py."""
    assert data_converter.with_context(context) is data_converter


class Asked(WorkflowInstance):
    """One that must not be asked."""

    def activate(self, *asked: Any) -> NoReturn:
        raise AssertionError(asked)

    get_info = get_thread_id = get_serialization_context = get_external_store_context = activate  # type: ignore[assignment]


def test_the_sandbox_is_not_asked_whose_a_payload_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking it took 3 ms of each turn."""
    monkeypatch.setattr(SandboxedWorkflowRunner, "create_instance", lambda _self, _details: Asked())
    instance = sandbox().create_instance(WorkflowInstanceDetails.__new__(WorkflowInstanceDetails))
    assert instance.get_serialization_context(None) is None
    assert instance.get_external_store_context(None).target is None
    with pytest.raises(AssertionError):  # all else is the sandbox's own
        instance.get_info()
