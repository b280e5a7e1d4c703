"""What must still be so when an approved call runs: read when it is asked about, and again after a long wait."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from contracts import names
from contracts.calls import ToolCall
from contracts.policy import Precondition, Rule
from workflows import steps
from workflows.run.agent_run import AgentRun

State = dict[str, JsonValue]
"""`crm__get_deal status` -> `open`: tool and path, and what was found there. What couldn't be read isn't in it."""

PATIENCE = timedelta(minutes=5)
"""People aren't kept waiting for a question by a server that is away."""


async def state_of(run: AgentRun, step: str, rule: Rule, arguments: Mapping[str, JsonValue]) -> State:
    """How it stands now, by all that the rule wants read."""
    read = (_read(run, f"{step}.{n}", each, arguments) for n, each in enumerate(rule.still, start=1))
    return {key: value for part in await asyncio.gather(*read) for key, value in part.items()}


def changes(rule: Rule, before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> str:
    """What isn't as it was, in words; empty where all is. What can't be read counts as changed."""
    wanted = [(f"{each.reads} {path}", path) for each in rule.still for path in each.fields]
    return "; ".join(filter(None, (_change(key, path, before, now) for key, path in wanted)))


def _change(key: str, path: str, before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> str:
    name = path.replace("_", " ")
    if key not in now:
        return f"{name}: can't be read"
    if key not in before:
        return f"{name}: {_shown(now[key])} now, and couldn't be read when this was asked"
    return "" if before[key] == now[key] else f"{name}: from {_shown(before[key])} to {_shown(now[key])}"


def _shown(value: JsonValue) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _read(run: AgentRun, step: str, condition: Precondition, arguments: Mapping[str, JsonValue]) -> State:
    nature = run.kit.tools.get(condition.reads)
    if nature is None or not nature.read_only:
        return {}
    server, tool = names.split_tool_name(condition.reads)
    call = ToolCall(
        site=run.site(step),
        server=server,
        tool=tool,
        arguments={name: arguments.get(source) for name, source in condition.arguments.items()},
        quick=nature.quick,
        pick=condition.fields,
    )
    reply = await steps.call_tool(call, f"is it still so? {tool}", PATIENCE)
    return {} if reply.is_error else {f"{condition.reads} {path}": value for path, value in reply.data.items()}
