"""`./farm quarantine`: what nobody could read at the door, or Temporal refused for good; to look at and settle."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from contracts.events import Event
from ops.connections import Addresses, addresses, records, temporal
from ops.console import out
from ops.errors import FarmError
from ops.intake import answer, doors, who_we_are
from ops.options import AnyInstance, AsJson, By, who
from starter.intake.accepting import EVENT_JSON
from starter.intake.listeners import listeners
from starter.sources.catalogue import catalogue
from starter.sources.no_event import Ignored
from starter.sources.reading import UnreadableError, read_event
from store.database import Database
from store.errors import UnknownInQuarantine
from store.quarantine import Quarantine, Quarantined
from workflows.registry import AGENTS


class Step(StrEnum):
    """What `./farm quarantine` does."""

    LIST = "list"
    SHOW = "show"
    REDRIVE = "redrive"
    DROP = "drop"


What = Annotated[
    Step, typer.Argument(help="list what waits, show one, redrive what can be read by now, drop what nobody needs.")
]
Numbers = Annotated[list[int], typer.Argument(help="Of show, redrive and drop: which ones, by number.")]


def quarantine(
    step: What = Step.LIST,
    numbers: Numbers = [],  # noqa: B006  typer reads it and changes nothing
    *,
    everything: Annotated[bool, typer.Option("--all", help="Of list: what is settled, too.")] = False,
    by: By = "",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """What came from a known sender and couldn't be taken in. Redriven, it goes through the door as it does today."""
    where = addresses(name)
    if step is Step.LIST:
        _tell_all(asyncio.run(_all(where, everything)), as_json)
        return
    if not numbers:
        raise typer.BadParameter(f"{step.value} which? ./farm quarantine lists their numbers", param_hint="NUMBERS")
    for number in numbers:
        match step:
            case Step.SHOW:
                _show(*asyncio.run(_one(where, number)), as_json)
            case Step.REDRIVE:
                out.print(asyncio.run(_redrive(where, name, number, who(by))), markup=False)
            case _:
                out.print(asyncio.run(_drop(where, number, who(by))), markup=False)


async def _all(where: Addresses, everything: bool) -> Sequence[Quarantined]:
    async with records(where) as db:
        return await Quarantine(db).all(None if everything else "waiting")


async def _one(where: Addresses, number: int) -> tuple[Quarantined, bytes]:
    async with records(where) as db:
        return await _found(db, number)


async def _found(db: Database, number: int) -> tuple[Quarantined, bytes]:
    try:
        return await Quarantine(db).get(number)
    except UnknownInQuarantine as error:
        raise FarmError(str(error), "./farm quarantine lists what is there.") from error


async def _redrive(where: Addresses, instance: str, number: int, by: str) -> str:
    """Read it with today's code and take it in, as the door does. It stays where it is as long as nobody can."""
    client = await temporal(where, lazy=True)
    async with records(where) as db:
        found, body = await _found(db, number)
        if found.state != "waiting":
            raise FarmError(f"{number} was {found.state} by {found.by} already")
        event = _event(found, body)
        if not listeners(event, AGENTS):
            raise FarmError(f"no agent listens to {event.kind} by {event.source}: {number} stays where it is")
        async with doors(client, db, who_we_are(instance, {event.source})) as door:
            at_the_door = door(AGENTS)
            is_one = found.content_type == EVENT_JSON
            told = await answer(at_the_door.event(event) if is_one else at_the_door.body(found.source, body))
        if told["outcome"] == "ignored":
            raise FarmError(f"{number} is nothing that an agent gets: {told['reason']}", "Drop it.")
        await Quarantine(db).settle(number, "redriven", by, datetime.now(UTC))
        if told["outcome"] == "quarantined":
            raise FarmError("Temporal refuses it for good: it is in quarantine again, with the reason of today")
        actor = f", by {event.actor}" if event.actor else ""
        return f"{number}: {event.kind}{actor}, {told['outcome']} -> {', '.join(told['workflows'])}"


def _event(found: Quarantined, body: bytes) -> Event:
    try:
        if found.content_type == EVENT_JSON:
            return Event.model_validate_json(body)
        event = read_event(catalogue(), found.source, json.loads(body))
    except (UnreadableError, ValidationError, ValueError) as error:
        raise FarmError(
            f"{found.number} still can't be read: {error}", "Mend the normaliser first, or drop it."
        ) from error
    if isinstance(event, Ignored):
        raise FarmError(f"{found.number} is nothing that an agent gets: {event.reason}", "Drop it.")
    return event


async def _drop(where: Addresses, number: int, by: str) -> str:
    async with records(where) as db:
        found, _ = await _found(db, number)
        if not await Quarantine(db).settle(number, "dropped", by, datetime.now(UTC)):
            raise FarmError(f"{number} was {found.state} by {found.by} already")
        return f"{number} dropped"


def _tell_all(found: Sequence[Quarantined], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in found], indent=2) + "\n")
        return
    if not found:
        out.print("Nothing is in quarantine.")
    for each in found:
        settled = f"  {each.state} by {each.by}" if each.state != "waiting" else ""
        out.print(f"{each.number}  {each.received_at:%Y-%m-%d %H:%M} UTC  {each.source}{settled}", markup=False)
        out.print(f"  {each.reason}", markup=False)


def _show(found: Quarantined, body: bytes, as_json: bool) -> None:
    text = body.decode("utf-8", "replace")
    if as_json:
        told: dict[str, Any] = {**found.model_dump(mode="json"), "body": text}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    _tell_all([found], as_json=False)
    out.print(f"  {found.content_type}, {len(body)} bytes", markup=False)
    out.print(text, markup=False, soft_wrap=True)
