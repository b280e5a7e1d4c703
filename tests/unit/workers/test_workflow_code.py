"""Workflow code stands alone."""

import subprocess
import sys

import pytest

from workers.workflow_code import PASSED_THROUGH, agent_workflows

LOADED = "import sys; from workers.workflow_code import agent_workflows; agent_workflows('sales'); print(*sys.modules)"


def test_workflows_need_no_vendors_library():
    """A worker of workflows alone starts where neither store nor model client nor MCP is installed."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"anthropic", "sqlalchemy", "fastmcp", "mcp", "httpx", "httpx2", "litellm", "slack_sdk", "starlette"}
    assert "workflows.sales.workflow" in loaded
    assert heavy & set(loaded) == set()


def test_what_is_passed_through_is_no_workflow():
    """Workflow code itself is loaded afresh for every run: state in a module can't leak from one into another."""
    assert not [name for name in PASSED_THROUGH if name.startswith("workflows")]


def test_an_agent_without_workflows_is_not_found():
    """The name is looked up as a folder."""
    with pytest.raises(ModuleNotFoundError, match=r"workflows\.nobody"):
        agent_workflows("nobody")
