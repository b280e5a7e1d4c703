"""The starter's intake for a verb: an event by hand takes the way of any other, to Temporal or to the spool."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.responses import Response
from temporalio.client import Client

from contracts.agents import AgentSpec
from contracts.secret_files import value_of
from ops.errors import FarmError
from ops.stack import state
from ops.stack.opening import plan_for, sandboxed_plan_for
from starter.intake.accepting import Intake, Records
from starter.intake.authors import Authors
from starter.intake.delivery import Delivery
from starter.intake.door_book import DoorBook
from starter.intake.room import Room
from starter.intake.taking import Taking
from starter.metrics import Measures
from starter.refusals import Refused
from starter.sources.catalogue import catalogue
from starter.sources.own_user import OwnUser, OwnUserUnknownError
from starter.sources.pipedrive import SOURCE as CRM
from store.database import Database
from store.door import Door
from store.inbox import Inbox
from store.own_writes import OwnWrites
from store.quarantine import Quarantine

PIPEDRIVE = "https://api.pipedrive.com"

Doors = Callable[[Iterable[AgentSpec]], Taking]
"""The door, for the agents that may listen at it."""


@dataclass(frozen=True)
class WhoWeAre:
    """Where the CRM is asked who we are, and by which token."""

    url: str = ""
    token: str = field(default="", repr=False)
    """Empty: nobody writes there, and nobody is asked."""


def who_we_are(instance: str, sources: Collection[str]) -> WhoWeAre:
    """As the stack's starter is told. FarmError where that isn't known and an event of the CRM's is to be judged."""
    if CRM not in sources:
        return WhoWeAre()
    if value_of("FARM_STORE_URL", os.environ) and os.environ.get("TEMPORAL_ADDRESS"):
        return _of_the_environment()
    which = state.chosen(instance)
    now = state.load(which)
    assert now is not None
    env = (sandboxed_plan_for if "sandbox-crm" in now.parts else plan_for)(which.name, now.offset).env
    return WhoWeAre(env.get("PIPEDRIVE_API_URL", PIPEDRIVE), env["PIPEDRIVE_API_TOKEN"])


def _of_the_environment() -> WhoWeAre:
    token = value_of("PIPEDRIVE_API_TOKEN", os.environ) or os.environ.get("PIPEDRIVE_API_TOKEN")
    if token is None:
        raise FarmError(
            "nobody here could tell our own writes from people's: PIPEDRIVE_API_TOKEN isn't set",
            "Set it as the starter has it; empty, where the starter has none.",
        )
    return WhoWeAre(os.environ.get("PIPEDRIVE_API_URL", PIPEDRIVE), token)


@asynccontextmanager
async def doors(client: Client, db: Database, us: WhoWeAre) -> AsyncIterator[Doors]:
    """The starter's door, without the street: what it is given is verified already."""
    async with httpx.AsyncClient(base_url=us.url) as crm:
        own_user, taking_in, sources = OwnUser(crm, us.token), intake(client, db), catalogue()
        await _must_be_known(own_user)
        authors = Authors(own_user, OwnWrites(db), Measures(sources))
        yield lambda agents: Taking(agents, authors, taking_in, sources)


async def _must_be_known(own_user: OwnUser) -> None:
    """The starter takes an event without, for its sender won't wait. What a verb hands over is too old for its
    fingerprints, and can wait.
    """
    try:
        await own_user.actors()
    except OwnUserUnknownError as error:
        raise FarmError(
            "it was not taken: the CRM has not told who we are yet", "Is it there? ./farm status"
        ) from error


async def answer(knocking: Awaitable[Response]) -> dict[str, Any]:
    """What the door says. FarmError where it says: come again."""
    try:
        told: dict[str, Any] = json.loads(bytes((await knocking).body))
    except Refused as error:
        raise FarmError(f"it was not taken: {error.detail}", "Does the stack run? ./farm status") from error
    return told


def intake(client: Client, db: Database) -> Intake:
    """What is spooled is delivered by the starter, once it and Temporal are there."""
    inbox = Inbox(db)
    return Intake(Delivery(client), Records(inbox, Quarantine(db), DoorBook(Door(db))), Room(inbox.waiting, 0))
