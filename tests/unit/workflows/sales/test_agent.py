"""The sales agent's declaration and prose, against the tools there really are."""

import re
from pathlib import Path

import pytest
from fastmcp import Client

from activities.book import read_book
from contracts.names import ASK_PERSON
from contracts.policy import Consent
from tool_servers.crm.server import build as build_crm
from tool_servers.memory.server import build as build_memory
from tool_servers.slack.server import build as build_slack
from workflows import sales
from workflows.run import farm_tools
from workflows.sales.agent import SALES
from workflows.sales.answers import Insights, RunReport, TriageDecision

BOOK = read_book(Path(next(iter(sales.__path__))))
# Only declared here, never called: the vendors behind them aren't needed.
SERVERS = {
    "crm": build_crm(None, None, None, None),
    "memory": build_memory(None, None),
    "slack": build_slack(None, None),
}


@pytest.fixture
async def tools() -> dict:
    """Every tool by the name that a model would know it by."""
    found = {}
    for name, server in SERVERS.items():
        async with Client(server) as client:
            found |= {f"{name}__{tool.name}": tool for tool in await client.list_tools()}
    return found


def test_its_servers_exist():
    """The agent declares no server that nobody wrote."""
    assert set(SALES.tool_servers) <= SERVERS.keys()


async def test_policy_names_real_tools(tools):
    """A rule for a misspelt tool would leave the real one to the default."""
    assert {rule.tool for rule in SALES.policy.rules} <= tools.keys()


async def test_every_write_has_a_rule(tools):
    """What a sales agent may change is a choice somebody made, not a default."""
    writes = {
        name
        for name, tool in tools.items()
        if name.partition("__")[0] in SALES.tool_servers and not tool.annotations.read_only_hint
    }
    assert writes == {rule.tool for rule in SALES.policy.rules}


def test_mail_asks():
    """A mail to a client can't be taken back."""
    (rule,) = [rule for rule in SALES.policy.rules if rule.tool == "crm__send_mail"]
    assert rule.consent is Consent.ASK
    assert SALES.policy.approvers


def test_a_rule_says_why():
    """Whoever loosens the policy reads the reason first."""
    assert all(rule.why for rule in SALES.policy.rules)


async def test_prompts_name_real_tools(tools):
    """A prompt that names a tool that is gone sends the model astray."""
    named = {name for text in BOOK.texts().values() for name in re.findall(r"\b[a-z]+__[a-z_]+\b", text)}
    assert named
    assert named <= tools.keys() | farm_tools.NAMES | {ASK_PERSON}


def test_its_prompts_are_there():
    """Each of the three conversations has its prompt."""
    assert {"triage", "orchestrate", "learn"} <= BOOK.prompts.keys()


def test_skills_named_in_prompts_are_there():
    """A skill that the orchestrator is told to load can be loaded."""
    named = set(re.findall(r"skill `([a-z-]+)`", BOOK.prompts["orchestrate"]))
    assert named
    assert named <= BOOK.skills.keys()


@pytest.mark.parametrize("answer", [TriageDecision, RunReport, Insights])
def test_answers_bound_their_strings(answer):
    """A string without a longest length lets an answer be cut in the middle of its JSON."""
    assert list(unbounded(answer.model_json_schema())) == []


def unbounded(schema, name="answer"):
    if schema.get("type") == "string" and not {"maxLength", "enum", "const"} & schema.keys():
        yield name
    for place in ("properties", "$defs"):
        for key, inner in schema.get(place, {}).items():
            yield from unbounded(inner, f"{name}.{key}")
    if "items" in schema:
        yield from unbounded(schema["items"], f"{name}[]")
