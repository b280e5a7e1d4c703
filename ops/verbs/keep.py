"""`./farm keep`: a run that the sweep leaves alone, in a set of a name."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from store.kept import Keeping, Kept
from store.story import runs_matching

DEFAULT_SET = "kept"


def keep(
    what: Annotated[str, typer.Argument(help="A run, sales:deal:42/run-1, or deal:42 for its newest one.")] = "",
    in_set: Annotated[str, typer.Option("--as", help="The set to put it into.", metavar="NAME")] = DEFAULT_SET,
    let_go: Annotated[bool, typer.Option("--let-go", help="Take it out of the set instead.")] = False,
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Keep a run from the sweep, for an eval's dataset or to show. Without a run: list what is kept."""
    kept = asyncio.run(_keep(what, in_set, let_go, addresses(name)))
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in kept], indent=2) + "\n")
        return
    if not kept:
        out.print("Nothing is kept.")
    for each in kept:
        out.print(f"[bold]{each.name}[/]  {each.run}  [dim]since {each.kept_at:%Y-%m-%d %H:%M} UTC[/]")


async def _keep(what: str, in_set: str, let_go: bool, where: Addresses) -> Sequence[Kept]:
    async with records(where) as db:
        keeping = Keeping(db)
        if what:
            found = await runs_matching(db, what)
            if not found:
                raise FarmError(f"no run of {what!r} is on record", "./farm trace shows how runs are named.")
            run = found[0].run
            if not let_go:
                await keeping.keep(run, in_set)
            elif not await keeping.let_go(run, in_set):
                raise FarmError(f"{run} is not in the set {in_set!r}", "./farm keep lists the sets.")
        return await keeping.all()
