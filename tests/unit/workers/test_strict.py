"""A worker looks at its agent's tools before it polls."""

import logging

import pytest
from fastmcp import FastMCP
from mcp.types import ToolAnnotations

from contracts.agents import AgentSpec
from contracts.policy import ApprovalPolicy, Consent, Rule
from tests.unit.workers.environment import WHOLE
from workers import __main__ as program
from workers.strict import refusal

NOTE = Rule(tool="crm__add_note", consent=Consent.ALLOW)
NOWHERE = "http://127.0.0.1:9/mcp"


def agent(*rules: Rule) -> AgentSpec:
    return AgentSpec(name="toy", run_workflow="-", tool_servers=("crm", "erp"), policy=ApprovalPolicy(rules=rules))


@pytest.fixture
def crm() -> FastMCP:
    server: FastMCP = FastMCP("crm")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def get_deal() -> dict[str, str]:
        """Reads."""
        return {}

    @server.tool()
    def add_note() -> dict[str, str]:
        """Writes."""
        return {}

    return server


async def test_a_tool_without_a_rule_keeps_the_worker_from_starting(crm):
    """By what the servers say that answer; what only reads needs no rule."""
    assert "crm__add_note (nothing declared)" in await refusal(agent(), {"crm": crm, "erp": NOWHERE})
    assert await refusal(agent(NOTE), {"crm": crm, "erp": NOWHERE}) == ""


async def test_a_server_that_is_away_stops_nobody(crm, caplog):
    """Nor one without an address; the log says which wasn't looked at."""
    with caplog.at_level(logging.WARNING):
        assert await refusal(agent(), {"crm": NOWHERE}) == ""
    assert "crm doesn't say now which tools it has" in caplog.text
    assert "erp doesn't say now which tools it has" in caplog.text


async def test_a_rule_for_no_tool_is_a_warning(crm, caplog):
    """It does no harm, and isn't what somebody meant."""
    slip = Rule(tool="crm__add_ntoe", consent=Consent.DENY)
    assert await refusal(agent(NOTE, slip), {"crm": crm}) == ""
    assert "a rule of toy names crm__add_ntoe, which crm doesn't have" in caplog.text


def test_the_program_ends_with_the_reason(monkeypatch):
    """In a line, before anything polls."""

    async def refused(_spec, addresses):
        assert addresses == {"crm": "http://127.0.0.1:8101/mcp"}
        return "sales has tools that may change something"

    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["workers", "sales"])
    monkeypatch.setattr(program, "refusal", refused)
    with pytest.raises(SystemExit, match="worker: sales has tools that may change something"):
        program.main()
