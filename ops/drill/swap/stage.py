"""The stage of `drill swap-model`: the embedded stack with its own worker, and both vendors' stand-in."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from rich.console import Console
from temporalio.client import Client

from contracts.agents import AgentSpec
from ops.connections import Addresses, records, temporal
from ops.demo.sandboxes import Crm, Slack
from ops.demo.watching import Records
from ops.drill.stage import INSTANCE
from ops.errors import FarmError
from ops.places import ROOT, farm_python
from ops.stack.board import Board
from ops.stack.opening import sandboxed_plan_for
from ops.stack.plan import Launch, Plan
from ops.stack.runner import Stack
from workflows.registry import agent

LEFT_OUT = ("phoenix",)
NAMED = ("FARM_STORE_URL", "TEMPORAL_ADDRESS", "FARM_GATEWAY_URL")


@dataclass(frozen=True)
class SwapStage:
    """All that this drill works with."""

    stack: Stack
    spec: AgentSpec
    client: Client
    crm: Crm
    slack: Slack
    records: Records
    to: Console

    async def farm(self, *words: str) -> None:
        """A verb as a person would type it, in a process of its own. FarmError with its last words."""
        command = [str(farm_python()), "-m", "ops", *words]
        given = _verbs_environment(self.stack.plan)
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=given, capture_output=True, text=True)
        if done.returncode:
            raise FarmError(f"./farm {' '.join(words)}: {(done.stderr or done.stdout).strip()[-500:]}")


def plan(offset: int, settings: Mapping[str, str]) -> Plan:
    """Every part but the trace store. FarmError where the other vendor isn't to be had."""
    whole = sandboxed_plan_for(INSTANCE, offset)
    if not whole.env.get("OPENAI_API_KEY"):
        raise FarmError("the drill needs both vendors", "Set OPENAI_API_KEY as well, or leave both to the stand-in.")
    kept = whole.only(*(name for name in whole.launches if name not in LEFT_OUT))
    launches = {name: _set(launch, settings) for name, launch in kept.launches.items()}
    return replace(kept, launches=launches, env={**kept.env, **settings})


@asynccontextmanager
async def stage(whole: Plan, to: Console) -> AsyncIterator[SwapStage]:
    """The stack, up, and what talks to it."""
    async with Stack(whole, Board(to)) as stack:
        env = whole.env
        crm = Crm(env["PIPEDRIVE_API_URL"])
        slack = Slack(env["SLACK_API_URL"].removesuffix("/api/"), env["SLACK_CHANNEL"])
        where = Addresses(env["FARM_STORE_URL"], env["TEMPORAL_ADDRESS"])
        try:
            async with records(where) as db:
                client = await temporal(where)
                yield SwapStage(stack, agent("sales"), client, crm, slack, Records(db), to)
        finally:
            await asyncio.gather(crm.close(), slack.close())


def _set(launch: Launch, settings: Mapping[str, str]) -> Launch:
    env = {key: value for key, value in launch.env.items() if key != "OTEL_EXPORTER_OTLP_ENDPOINT"}
    return replace(launch, env=env | {key: value for key, value in settings.items() if key in env})


def _verbs_environment(whole: Plan) -> Mapping[str, str]:
    """This process's own, pointed at this stack."""
    gateway = whole.launches["gateway"].env
    its = {name: whole.env[name] for name in NAMED} | {"LITELLM_MASTER_KEY": gateway["LITELLM_MASTER_KEY"]}
    return {**os.environ, **its}


def command(wanted: Mapping[str, str]) -> Sequence[str]:
    """The one line."""
    return ("models", "set", *(f"{role}={model}" for role, model in wanted.items()))
