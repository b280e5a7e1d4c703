"""Workflow code stands alone."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from workers.workflow_code import PASSED_THROUGH, agent_workflows, shared_modules

ROOT = Path(__file__).parents[3]
LOADED = "import sys; from workers.workflow_code import agent_workflows; agent_workflows('sales'); print(*sys.modules)"


def test_workflows_need_no_vendors_library():
    """A worker of workflows alone starts where neither store nor model client nor MCP is installed."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"anthropic", "sqlalchemy", "fastmcp", "mcp", "httpx", "httpx2", "litellm", "slack_sdk", "starlette"}
    assert "workflows.sales.workflow" in loaded
    assert heavy & set(loaded) == set()


def test_an_agents_own_code_is_loaded_afresh_for_every_run():
    """State in a module of its workflow or its rules can't leak from one run into another."""
    own = {"workflows.sales", "workflows.sales.workflow", "workflows.sales.rules"}
    assert not own & {*PASSED_THROUGH, *shared_modules()}


@pytest.mark.parametrize("name", shared_modules())
def test_what_runs_share_keeps_no_state(name):
    """A module that is loaded once for all runs holds nothing that one may change for the others, constants apart."""
    held = {key: value for key, value in vars(importlib.import_module(name)).items() if not key.startswith("__")}
    changing = {key for key, value in held.items() if isinstance(value, list | dict | set | bytearray)}
    assert not {key for key in changing if key != key.upper()}


LOADED_FOR_A_RUN = """
import asyncio
import fastmcp, sys
from temporalio import workflow
from workers.workflow_code import agent_workflows, sandbox

async def main():
    run = sandbox()
    loaded = []
    run.prepare_workflow(workflow._Definition.must_from_class(agent_workflows("sales")[0]))
    sys.addaudithook(lambda event, about: loaded.append(about[0].co_filename) if event == "exec" else None)
    for each in agent_workflows("sales"):
        run.prepare_workflow(workflow._Definition.must_from_class(each))
    print(*loaded)

asyncio.run(main())
"""


def test_beginning_a_run_loads_its_agents_code_alone():
    """Whatever hooks the activities' libraries hang into the importer (fastmcp brings one), a run loads few modules."""
    loaded = subprocess.run([sys.executable, "-c", LOADED_FOR_A_RUN], capture_output=True, text=True, check=True)
    files = {name for name in loaded.stdout.split() if name.endswith(".py")}
    ours = {Path(name).relative_to(ROOT).as_posix() for name in files if "site-packages" not in name}
    assert {name for name in ours if not name.endswith("__init__.py")} == {
        "workflows/sales/workflow.py",
        "workflows/sales/rules.py",
    }
    assert not [name for name in files if "beartype" in name or "fastmcp" in name]


def test_an_agent_without_workflows_is_not_found():
    """The name is looked up as a folder."""
    with pytest.raises(ModuleNotFoundError, match=r"workflows\.nobody"):
        agent_workflows("nobody")
