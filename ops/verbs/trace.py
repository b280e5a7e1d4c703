"""`./farm trace`: the story of a run, from the farm's own records."""

import asyncio
import sys
from typing import Annotated

import typer

from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from ops.telling import tell
from store.database import Database
from store.story import Story, runs_matching, story


def trace(
    what: Annotated[str, typer.Argument(help="deal:42, sales:deal:42 or a run: sales:deal:42/run-1")],
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Tell what a run did, why, and what it cost, from the farm's own records. Needs no running stack."""
    told, others = asyncio.run(_look_up(what, addresses(name)))
    if as_json:
        sys.stdout.write(told.model_dump_json(indent=2) + "\n")
        return
    tell(told, out)
    if others:
        out.print(f"\n[dim]Earlier runs of {what}: {', '.join(others)}[/]")


async def _look_up(what: str, where: Addresses) -> tuple[Story, list[str]]:
    async with records(where) as db:
        return await _newest(db, what)


async def _newest(db: Database, what: str) -> tuple[Story, list[str]]:
    """The story of the newest run that fits, and the names of the others."""
    found = await runs_matching(db, what)
    told = await story(db, found[0].run) if found else None
    if told is None:
        raise FarmError(
            f"no run of {what!r} is on record",
            "An entity is named like deal:42, its workflow sales:deal:42, a run sales:deal:42/run-1.",
        )
    return told, [run.run for run in found[1:]]
