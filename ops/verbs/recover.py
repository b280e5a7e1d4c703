"""`./farm recover`: bring back what a terminated or reset entity had taken and no run worked on."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts.calls import RunRecord
from ops.connections import Addresses, addresses, records, temporal
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson
from ops.recovering import Entity
from ops.recovering import recover as bring_back
from ops.spans import span
from workflows.registry import AGENTS

What = Annotated[str, typer.Argument(help="deal:42, or of one agent alone: sales:deal:42")]
Since = Annotated[str, typer.Option(help="Look at what came in within this: 8d, 36h.", metavar="SPAN")]


def recover(what: What, since: Since = "8d", name: AnyInstance = "", as_json: AsJson = False) -> None:
    """Set aside as dead letters what an entity had taken and lost, because its workflow was terminated or reset."""
    letters = asyncio.run(_recover(_whose(what), _begin(since), addresses(name)))
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in letters], indent=2) + "\n")
    else:
        _tell(what, since, letters)


def _whose(what: str) -> list[Entity]:
    """One entity of one agent, or of all that look after any."""
    agent, _, rest = what.partition(":")
    names = [spec.name for spec in AGENTS if spec.entity_workflow]
    if agent in names and ":" in rest:
        return [Entity(agent, rest)]
    if not rest:
        raise FarmError(f"{what!r} names nothing an agent looks after", "Say kind and id: deal:42")
    return [Entity(each, what) for each in names]


def _begin(since: str) -> datetime:
    try:
        return datetime.now(UTC) - span(since)
    except ValueError as error:
        raise FarmError(f"--since: {error}") from error


async def _recover(whose: Sequence[Entity], since: datetime, where: Addresses) -> list[RunRecord]:
    client = await temporal(where)
    async with records(where) as db:
        return [letter for each in whose for letter in await bring_back(client, db, each, since)]


def _tell(what: str, since: str, letters: Sequence[RunRecord]) -> None:
    if not letters:
        out.print(f"Nothing of {what} is lost: what came in within {since} is in a run or a dead letter.", markup=False)
    for each in letters:
        out.print(f"{each.run}  {len(each.events)} event{'s' * (len(each.events) > 1)}", style="green", markup=False)
        out.print(f"  {each.reason}.", markup=False)
    if letters:
        out.print("They are dead letters now: ./farm dead-letters show RUN, redrive RUN or drop RUN.")
