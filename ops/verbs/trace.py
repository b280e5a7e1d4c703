"""`./farm trace`: the story of a run, from the farm's own records, and whether they are as they were written."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from contracts.calls import RunRecord
from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.entities import waits_for
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from ops.telling import tell
from ops.under_way import under_way
from store.database import Database
from store.intact import Fault, faults
from store.runs import Runs
from store.story import Story, runs_matching, story

BROKEN = 1
AT_WORK = ("running", "waiting")


def trace(
    what: Annotated[str, typer.Argument(help="deal:42, sales:deal:42, sales:deal:42/run-1 or fork-3")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Is its record what was written? 1 if not.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --verify: every run on record.")] = False,
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Tell what a run did, why, and what it cost, from the farm's own records. Needs no running stack."""
    if every and not verify:
        raise FarmError("--all goes with --verify", "./farm trace --verify --all")
    if not what and not every:
        raise FarmError("which run?", "./farm trace deal:42, ./farm trace sales:deal:42/run-1")
    if verify:
        _verify(what, addresses(name), as_json=as_json)
    else:
        _tell(what, addresses(name), as_json=as_json)


def _tell(what: str, where: Addresses, *, as_json: bool) -> None:
    told, others = asyncio.run(_look_up(what, where))
    if as_json:
        sys.stdout.write(told.model_dump_json(indent=2) + "\n")
        return
    tell(told, out)
    if told.run.status in AT_WORK:
        for line in asyncio.run(under_way(told.run.run, where)):
            out.print(f"\n[yellow]under way[/] {escape(line)}", soft_wrap=True)
    if waiting := asyncio.run(waits_for(f"{told.run.agent}:{told.run.entity}", where)):
        out.print(f"\n{told.run.entity} waits for {waiting}", markup=False)
    if others:
        out.print(f"\n[dim]Earlier runs of {what}: {', '.join(others)}[/]")


async def _look_up(what: str, where: Addresses) -> tuple[Story, list[str]]:
    async with records(where) as db:
        return await _newest(db, what)


async def _newest(db: Database, what: str) -> tuple[Story, list[str]]:
    """The story of the newest run that fits, and the names of the others."""
    found = await _matching(db, what)
    told = await story(db, found[0].run)
    assert told is not None
    return told, [run.run for run in found[1:]]


async def _matching(db: Database, what: str) -> Sequence[RunRecord]:
    found = await runs_matching(db, what)
    if not found:
        raise FarmError(
            f"no run of {what!r} is on record",
            "An entity is named like deal:42, its workflow sales:deal:42, a run sales:deal:42/run-1, a fork fork-3.",
        )
    return found


def _verify(what: str, where: Addresses, *, as_json: bool) -> None:
    """Walk the record of the runs that fit, or of all. Exit code 1 where one isn't what was written."""
    checked = asyncio.run(_checked(what, where))
    found = [fault for its in checked.values() for fault in its]
    if as_json:
        faulty = [fault.model_dump(mode="json") | {"told": str(fault)} for fault in found]
        sys.stdout.write(json.dumps({"runs": list(checked), "faults": faulty}, indent=2) + "\n")
    else:
        for run, its in checked.items():
            for fault in its:
                out.print(f"{run}  {fault}", style="red", markup=False)
        out.print(_sum(len(checked), len(found), sum(bool(its) for its in checked.values())))
    if found:
        raise typer.Exit(BROKEN)


def _sum(checked: int, found: int, faulty: int) -> str:
    told = f"{checked} run{'' if checked == 1 else 's'} checked"
    if not found:
        return f"{told}: every turn and every text is what was written."
    return f"[bold red]{told}: {found} thing{'' if found == 1 else 's'} wrong in {faulty} of them.[/]"


async def _checked(what: str, where: Addresses) -> dict[str, list[Fault]]:
    async with records(where) as db:
        runs = [run.run for run in await _matching(db, what)] if what else await Runs(db).all()
        return {run: await faults(db, run) for run in runs}
