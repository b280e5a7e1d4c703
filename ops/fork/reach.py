"""What a fork needs of a stack: of the one that runs, or of the parts started for it where none does."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from activities.mcp import ToolServers
from gateway.calls.client import Gateway
from gateway.models import roles as models
from ops.connections import Addresses, records, temporal
from ops.console import progress
from ops.errors import FarmError
from ops.fork.running import Means
from ops.stack import state
from ops.stack.board import Board
from ops.stack.opening import plan_for, sandboxed_plan_for
from ops.stack.plan import Plan
from ops.stack.runner import Stack
from ops.verbs.demo import INSTANCE as DEMO
from workflows.registry import agent as declared

THINKING = ("gateway", "sandbox-model", "temporal", "search-attributes", "schema")
READING = ("tools-crm", "tools-memory", "sandbox-crm")
"""Parts that answer reads; a fork that runs offline does without."""


@asynccontextmanager
async def means(instance: str, agent: str, *, offline: bool) -> AsyncIterator[Means]:
    """Everything open that a fork of this agent's runs needs."""
    async with AsyncExitStack() as opened:
        env = await opened.enter_async_context(_stack(instance, agent, offline=offline))
        where = Addresses(env["FARM_STORE_URL"], env["TEMPORAL_ADDRESS"])
        db = await opened.enter_async_context(records(where))
        url, key = env["FARM_GATEWAY_URL"], env["FARM_GATEWAY_KEY"]
        gateway = Gateway(url, key, roles=models.read().roles, guards=declared(agent).guards)
        opened.push_async_callback(gateway.close)
        servers = ToolServers({} if offline else json.loads(env["FARM_TOOL_SERVERS"]))
        opened.push_async_callback(servers.close)
        yield Means(db, await temporal(where), gateway, servers, env.get("SLACK_CHANNEL", ""))


@asynccontextmanager
async def _stack(instance: str, agent: str, *, offline: bool) -> AsyncIterator[Mapping[str, str]]:
    """A worker's environment, with what it names running."""
    which = state.chosen(instance)
    now = state.load(which)
    plan = (sandboxed_plan_for if which.name == DEMO else plan_for)(which.name, now.offset if now else 0)
    env = _workers(plan, agent)
    if state.is_running(now):
        yield env
        return
    progress.print("No stack runs; starting what the fork needs.", style="dim")
    async with Stack(plan.only(*THINKING, *(() if offline else READING)), Board(progress)):
        yield env


def _workers(plan: Plan, agent: str) -> Mapping[str, str]:
    """As a worker of the agent has it; variables that say where a stack runs elsewhere are the user's own."""
    try:
        env = dict(plan.launches[f"worker-{agent}"].env)
    except KeyError:
        raise FarmError(f"no worker runs the agent {agent!r}: is it in workflows/registry.py?") from None
    named = ("FARM_STORE_URL", "TEMPORAL_ADDRESS", "FARM_GATEWAY_URL", "FARM_GATEWAY_KEY", "FARM_TOOL_SERVERS")
    return env | {name: os.environ[name] for name in named if os.environ.get(name)}
