"""`./farm send`: an operator's event, which an agent gets as it gets any other."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from pydantic import ValidationError

from contracts.agents import AgentSpec
from contracts.events import EntityRef, Event
from ops.connections import Addresses, addresses, records, temporal
from ops.console import out
from ops.errors import FarmError
from ops.intake import intake
from ops.options import AnyInstance, By, who
from starter.intake.accepting import NotTakenError, Taken
from workflows.registry import agent

SOURCE = "operator"
KIND = "operator.message"

Name = Annotated[str, typer.Argument(help="The agent: sales.", metavar="AGENT")]
About = Annotated[str, typer.Argument(help="What it is about: deal:42.", metavar="ENTITY")]
Words = Annotated[str, typer.Argument(help="What the agent is told, at most 500 characters.", metavar="TEXT")]
Kind = Annotated[str, typer.Option("--kind", help="The event's kind.")]
Id = Annotated[str, typer.Option("--id", help="The event's id: one sent twice counts once. Default: a new one.")]


def send(
    name: Name, entity: About, text: Words, *, kind: Kind = KIND, id_: Id = "", by: By = "", instance: AnyInstance = ""
) -> None:
    """Give an agent an event by hand. It waits in the entity's window with whatever else comes in."""
    spec = _agent(name)
    event = event_of(entity, text, kind=kind, id_=id_, by=who(by))
    taken = asyncio.run(_take(addresses(instance), spec, event))
    out.print(_told(event, taken), style="green", markup=False)


def event_of(entity: str, text: str, *, kind: str, id_: str, by: str) -> Event:
    """What a person at the command line says, as an event. FarmError names what is wrong with it."""
    about = re.fullmatch(r"([a-z_]+):(.+)", entity)
    if about is None:
        raise FarmError(f"{entity!r} names nothing an agent looks after", "Say kind and id: deal:42")
    try:
        return Event(
            id=id_ or f"operator:{uuid4().hex}",
            source=SOURCE,
            kind=kind,
            entity=EntityRef(kind=about[1], id=about[2]),
            occurred_at=datetime.now(UTC),
            actor=f"operator:{by}",
            summary=text,
        )
    except ValidationError as error:
        wrong = error.errors()[0]
        raise FarmError(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from error


def _agent(name: str) -> AgentSpec:
    try:
        spec = agent(name)
    except LookupError as error:
        raise FarmError(str(error.args[0])) from error
    if not spec.entity_workflow:
        raise FarmError(f"{name} only works for other agents, and looks after nothing itself")
    return spec


async def _take(where: Addresses, spec: AgentSpec, event: Event) -> Taken:
    client = await temporal(where, lazy=True)
    async with records(where) as db:
        try:
            return await intake(client, db).take(event, (spec,))
        except NotTakenError as error:
            raise FarmError(f"it was not taken: {error}", "Does the stack run? ./farm status") from error


def _told(event: Event, taken: Taken) -> str:
    waits = " (Temporal is away: it waits on disk for the starter)" if taken.outcome == "spooled" else ""
    return f"event {event.id} {taken.outcome} -> {', '.join(taken.workflows)}{waits}"
