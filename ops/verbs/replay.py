"""`./farm replay`: would today's code go on with the runs of yesterday?"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.connections import Addresses, addresses, temporal
from ops.console import out, progress
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from ops.replay import RECORDED, Replayed, from_files, from_temporal, replayed
from workflows.registry import agent as registered

BROKEN = 1


def replay(  # noqa: PLR0917  a verb's options
    paths: Annotated[list[Path] | None, typer.Argument(help="Histories: files, or folders of them.")] = None,
    real: Annotated[
        bool,
        typer.Option("--from-temporal", help="Histories of real runs, open and closed, from the stack's Temporal."),
    ] = False,
    agent: Annotated[str, typer.Option(help="With --from-temporal: of this agent alone.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="With --from-temporal: so many, the latest first.")] = 100,
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Replay recorded histories with today's code. Exit code 1 where one is not repeated, with what to do."""
    if real and paths:
        raise FarmError("--from-temporal takes its histories from Temporal: give no files with it")
    if agent:
        _require(agent)
    found = asyncio.run(_real(addresses(name), agent, limit) if real else _files(paths or [RECORDED]))
    if as_json:
        _as_json(found)
    else:
        _tell(found)
    if any(each.problem for each in found):
        raise typer.Exit(BROKEN)


def _require(agent: str) -> None:
    try:
        registered(agent)
    except LookupError as unknown:
        raise FarmError(str(unknown)) from unknown


async def _files(paths: Sequence[Path]) -> list[Replayed]:
    return [await replayed(history) for history in from_files(paths)]


async def _real(where: Addresses, agent: str, limit: int) -> list[Replayed]:
    client = await temporal(where)
    return [await replayed(history) async for history in from_temporal(client, agent, limit)]


def _as_json(found: Sequence[Replayed]) -> None:
    told = [
        {
            "history": each.history.name,
            "workflow": each.history.started["workflowType"]["name"],
            "events": len(each.history.events),
            "problem": each.problem,
            "decision": each.decision,
        }
        for each in found
    ]
    sys.stdout.write(json.dumps({"replayed": len(told), "histories": told}, indent=2) + "\n")


def _tell(found: Sequence[Replayed]) -> None:
    for each in found:
        verdict = "[bold red]not repeated[/]" if each.problem else "[green]repeated[/]"
        out.print(f"{verdict}  {each.history.name}  [dim]{len(each.history.events)} events[/]")
    broken = [each for each in found if each.problem]
    for each in broken:
        progress.print(each.lesson(), markup=False, soft_wrap=True)
    out.print(f"{len(found)} histories replayed with today's code, {len(broken)} of them not repeated.")
