"""`./farm deploy`: which version of the workers does what, and which is current."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from contracts.agents import AgentSpec
from ops.connections import Addresses, addresses, temporal
from ops.console import out
from ops.deploying import Promoted, promote
from ops.deployments import Pool, pool
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from workflows.registry import AGENTS, agent

WORK_WAITS = 1


class Step(StrEnum):
    """What `./farm deploy` does."""

    STATUS = "status"
    PROMOTE = "promote"


def deploy(
    step: Annotated[Step, typer.Argument(help="status: what runs on which version. promote: make a build current.")],
    build: Annotated[
        str, typer.Option("--build", help="Of promote: FARM_BUILD_ID of the workers, or: unversioned.")
    ] = "",
    which: Annotated[str, typer.Option("--agent", help="This agent's pool alone.", metavar="NAME")] = "",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Show the versions of each pool, or make one current. Exit code of status: 1 where work waits without workers."""
    specs = _specs(which)
    if step is Step.STATUS:
        _tell_pools(asyncio.run(_pools(addresses(name), specs)), as_json)
    else:
        if not build:
            raise typer.BadParameter("promote which build?", param_hint="--build")
        _tell_promoted(asyncio.run(_promote(addresses(name), specs, build)), as_json)


def _specs(which: str) -> Sequence[AgentSpec]:
    try:
        return (agent(which),) if which else AGENTS
    except LookupError as unknown:
        raise FarmError(str(unknown)) from unknown


async def _pools(where: Addresses, specs: Sequence[AgentSpec]) -> list[Pool]:
    client = await temporal(where)
    return list(await asyncio.gather(*(pool(client, spec) for spec in specs)))


async def _promote(where: Addresses, specs: Sequence[AgentSpec], build: str) -> list[Promoted]:
    return await promote(await temporal(where), specs, build)


def _tell_pools(pools: Sequence[Pool], as_json: bool) -> None:
    waiting = [(each.agent, version) for each in pools for version in each.versions if version.waits_for_workers]
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in pools], indent=2) + "\n")
    else:
        out.print(_table(pools))
        for agent_name, version in waiting:
            out.print(
                f"[red]{agent_name}: {version.entities + version.runs} open workflows on {version.build} wait: "
                "none of its workers polls.[/]"
            )
    if waiting:
        raise typer.Exit(WORK_WAITS)


def _table(pools: Sequence[Pool]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("agent", "build", "state", "workers", "entities", "runs"):
        table.add_column(
            heading, header_style="dim", justify="left" if heading in ("agent", "build", "state") else "right"
        )
    for each in pools:
        for version in each.versions:
            numbers = (str(number) for number in (version.workers, version.entities, version.runs))
            table.add_row(each.agent, version.build, version.state, *numbers)
    return table


def _tell_promoted(done: Sequence[Promoted], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in done], indent=2) + "\n")
        return
    for each in done:
        out.print(f"[green]{each.agent}: {each.build} is current[/]; entities told to go over: {each.woken}")
        if each.entities_left or each.runs_left:
            out.print(
                f"  still on another build: runs {each.runs_left}, which end there, and entities {each.entities_left}, "
                "which follow after theirs.\n  Leave those workers up: ./farm deploy status",
                soft_wrap=True,
            )
