"""An agent's workflow code and the sandbox it runs in: all that a worker of workflows alone needs."""

import importlib
from collections.abc import Sequence

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Values and spans are the same inside and outside the workflow sandbox; loading them again for every run
# would cost more than the run.
PASSED_THROUGH = ("contracts", "telemetry", "pydantic", "pydantic_core", "annotated_types", "opentelemetry")


def sandbox() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def agent_workflows(name: str) -> Sequence[type]:
    """The workflows of an agent's folder: `WORKFLOWS` of `workflows/<name>/workflow.py`."""
    return tuple(importlib.import_module(f"workflows.{name}.workflow").WORKFLOWS)
