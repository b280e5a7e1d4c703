"""An agent's workflow code and the sandbox it runs in: all that a worker of workflows alone needs."""

import importlib
import pkgutil
from collections.abc import Sequence

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import workflows
from workers.sandbox import UniformSandbox

# Values and spans are the same inside and outside the workflow sandbox; loading them again for every run
# would cost more than the run. beartype comes with fastmcp and hangs a hook into Python's importer: in the sandbox
# that hook would load all of beartype for every run, a quarter of a second each.
PASSED_THROUGH = (
    "contracts",
    "telemetry",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "opentelemetry",
    "beartype",
)

# Of an agent's folder: what only declares.
DECLARATIONS = ("agent", "answers")


def sandbox(*, strict: bool = False) -> SandboxedWorkflowRunner:
    """Each run loads its agent's own code afresh, and what breaks determinism in it is refused.

    The code that all agents share is loaded once: loading it for every run took 30 ms and 1 MB of each. It keeps no
    state in its modules, which a test says, and the workflow tests run it in a `strict` sandbox, which lets nothing of
    `workflows` through.
    """
    through = PASSED_THROUGH if strict else (*PASSED_THROUGH, *shared_modules())
    return UniformSandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*through))


def shared_modules() -> Sequence[str]:
    """All of `workflows` but the agents' folders, and of those the declarations."""
    found = [each.name for each in pkgutil.walk_packages(workflows.__path__, "workflows.") if not each.ispkg]
    agents = {name.removesuffix(".agent") for name in found if name.endswith(".agent")}
    return tuple(
        name for name in found if name.rpartition(".")[0] not in agents or name.rpartition(".")[2] in DECLARATIONS
    )


def agent_workflows(name: str) -> Sequence[type]:
    """The workflows of an agent's folder: `WORKFLOWS` of `workflows/<name>/workflow.py`."""
    return tuple(importlib.import_module(f"workflows.{name}.workflow").WORKFLOWS)
