"""`./farm sweep`: remove from the store what nothing refers to any more, and with an age the runs older than it."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer

from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from ops.spans import span
from store.retention import GRACE, Retention, Swept


def sweep(
    older_than: Annotated[
        str, typer.Option(help="Remove the finished runs of before that, too: 90d, 12w.", metavar="SPAN")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Remove from the store what no run, fork or set refers to any more. Safe beside running workers."""
    swept = asyncio.run(_sweep(_age(older_than), dry_run, addresses(name)))
    if as_json:
        sys.stdout.write(swept.model_dump_json(indent=2) + "\n")
        return
    _tell(swept, older_than)


def _age(text: str) -> timedelta | None:
    try:
        return span(text) if text else None
    except ValueError as error:
        raise FarmError(f"--older-than: {error}") from error


async def _sweep(older_than: timedelta | None, dry_run: bool, where: Addresses) -> Swept:
    async with records(where) as db:
        return await Retention(db).sweep(older_than=older_than, dry_run=dry_run)


def _tell(swept: Swept, older_than: str) -> None:
    did = "would be removed" if swept.dry_run else "removed"
    for run in swept.runs:
        out.print(f"[dim]{run}[/]")
    if older_than:
        out.print(f"{len(swept.runs)} runs older than {older_than} {did}.")
        out.print(
            f"{swept.kept_runs} as old stay: in a set, a dead letter that waits, the origin of a fork, or the newest "
            f"of their entity; {swept.unfinished_runs} because they haven't finished."
        )
    out.print(f"{swept.turns} turns of conversations and {swept.texts} texts {did} that nothing refers to.")
    out.print(f"[dim]What was stored in the last {GRACE.days} days stays in any case.[/]")
