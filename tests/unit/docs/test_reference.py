"""The reference pages leave nothing out: what the code has stands on its page, in code type."""

import importlib
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from fastmcp import Client, FastMCP
from pydantic_settings import BaseSettings

from contracts import search_attributes
from contracts.operations import ACTIVITIES, WORKFLOWS
from ops.cli import VERBS, application
from starter.answers import STATUS
from starter.metrics import Measures
from starter.refusals import REASONS
from starter.sources.catalogue import catalogue
from store.tables import Base
from tests.unit.starter.conftest import House
from tool_servers.crm import server as crm
from tool_servers.memory import server as memory
from tool_servers.slack import server as slack

ROOT = Path(__file__).parents[3]
ROOMS = ("starter", "workers", "tool_servers", "sandbox")
READ_BY_HAND = re.compile(r"(?:environ|surroundings)(?:\.get\(|\[)\"([A-Z][A-Z_]+)\"(?!\] =)")
NOTHING: Any = None
"""Stands behind tools that are listed and never called."""

SERVERS = (
    crm.build(NOTHING, NOTHING, NOTHING, NOTHING),
    slack.build(NOTHING, NOTHING),
    memory.build(NOTHING, NOTHING),
)


def told(name: str) -> set[str]:
    """The words that a page has in code: between backticks, or in an indented block."""
    text = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    return {word for piece in code for word in re.findall(r"[\w-]+", piece)}


def settings() -> set[type[BaseSettings]]:
    """Every settings class of the processes."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("settings.py")] + [ROOT / "evals" / "run.py"]
    modules = [importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files]
    classes = [each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)]
    return {each for each in classes if issubclass(each, BaseSettings) and each.model_fields}


def variables() -> set[str]:
    """Every variable: of a settings class, of the process list, or read by hand."""
    listed = tomllib.loads((ROOT / "temporal-dev" / "processes.toml").read_text(encoding="utf-8"))
    given = [part.get("env", {}) for part in (*listed["settings"].values(), *listed["parts"].values())]
    code = [file.read_text(encoding="utf-8") for room in ("ops", "gateway") for file in (ROOT / room).rglob("*.py")]
    return {
        *(str(field.validation_alias) for each in settings() for field in each.model_fields.values()),
        *(name for env in given for name in env),
        *(name for text in code for name in READ_BY_HAND.findall(text)),
    }


def test_every_variable_is_told() -> None:
    """docs/reference/environment.md names whatever a process reads from its environment."""
    found = variables()
    assert {"FARM_STORE_URL", "SANDBOX_DB", "FARM_HOME", "PHOENIX_PORT"} <= found
    assert sorted(found - told("environment.md")) == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_told_with_its_options(verb: str) -> None:
    """docs/reference/commands.md has each verb and its options, the short ones too."""
    farm = typer.main.get_command(application([verb]))
    assert isinstance(farm, typer.core.TyperGroup)
    options = {option for each in farm.commands[verb].params for option in each.opts if option.startswith("-")}
    assert sorted(({verb} | options) - told("commands.md")) == []


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: str(server.name))
async def test_every_tool_is_told_with_its_arguments(server: FastMCP) -> None:
    """docs/reference/mcp-tools.md has each tool in its server's part, and each argument in its tool's line."""
    text = (ROOT / "docs" / "reference" / "mcp-tools.md").read_text(encoding="utf-8")
    part = text.split(f"## {server.name} ", 1)[1].split("\n## ", 1)[0]
    async with Client(server) as client:
        for tool in await client.list_tools():
            (line,) = [each for each in part.splitlines() if each.startswith(f"| `{tool.name}` |")]
            assert [name for name in tool.input_schema["properties"] if f"`{name}`" not in line] == []


def test_every_table_is_told() -> None:
    """docs/reference/store.md has a line for each table."""
    assert sorted(Base.metadata.tables.keys() - told("store.md")) == []


def test_every_metric_is_told() -> None:
    """docs/reference/metrics.md has each metric, and each reason and outcome that it can be labelled with."""
    families = Measures((*catalogue(), "slack")).registry.collect()
    named = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    assert {"farm_intake_refused_total", "farm_in_flight", "farm_intake_seconds"} <= named
    assert sorted((named | {*REASONS, *STATUS, "refused"}) - told("metrics.md")) == []


def test_every_name_that_crosses_is_told() -> None:
    """docs/reference/events-and-signals.md has the signals, updates, queries, activities and search attributes."""
    crossing = [its for each in WORKFLOWS.values() for its in (each.signals, each.updates, each.queries)]
    names = {name for its in (*crossing, ACTIVITIES) for name in its} | {key.name for key in search_attributes.ALL}
    assert sorted(names - told("events-and-signals.md")) == []


async def test_the_starters_api_is_told() -> None:
    """docs/reference/starter-api.md has each route with each status that the API's own description has, and no more."""
    async with House().client() as client:
        described = (await client.get("/openapi.json")).json()["paths"]
    lines = (ROOT / "docs" / "reference" / "starter-api.md").read_text(encoding="utf-8").splitlines()
    told = {line.split("`")[1]: line.rsplit("|", 2)[1] for line in lines if line.startswith(("| `POST ", "| `GET "))}
    assert {route: sorted(statuses.strip().split(", ")) for route, statuses in told.items()} == {
        f"{method.upper()} {path}": sorted(its["responses"])
        for path, operations in described.items()
        for method, its in operations.items()
    }
