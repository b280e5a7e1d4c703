"""`POST /webhooks/pipedrive`: verify, normalise, leave out our own echo, hand over, write down."""

import asyncio
import logging
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.agents import AgentSpec
from contracts.events import Event
from starter.basic_auth import CHALLENGE, Credentials
from starter.body import read_json
from starter.delivery import Delivery, NotDeliveredError
from starter.door_book import DoorBook
from starter.listeners import listeners
from starter.own_user import OwnUser, OwnUserUnknownError
from starter.pipedrive import Ignored, MalformedWebhookError, normalise
from starter.tracing import note_event, root_span
from telemetry.spans import traceparent

log = logging.getLogger(__name__)

RETRY_AFTER = {"Retry-After": "5"}
OWN_WRITE = "own write"
NOBODY_LISTENS = "no agent listens"


class PipedriveWebhooks:
    """The door for Pipedrive. A 2xx means: every agent that listens has the event, or there is none for it."""

    def __init__(
        self,
        credentials: Credentials,
        agents: Iterable[AgentSpec],
        own_user: OwnUser,
        delivery: Delivery,
        book: DoorBook,
    ) -> None:
        self._credentials = credentials
        self._agents = tuple(agents)
        self._own_user = own_user
        self._delivery = delivery
        self._book = book

    async def receive(self, request: Request) -> Response:
        """202 accepted, 200 ignored, 4xx refused, 503 to be sent again; each with its reason in JSON."""
        if not self._credentials.accept(request.headers.get("authorization", "")):
            raise HTTPException(401, "wrong user name or password", headers=CHALLENGE)
        payload = await read_json(request)
        with root_span("webhook pipedrive"):
            event = _event(payload)
            if isinstance(event, Ignored):
                return _ignored(event.reason)
            return await self._take(event.model_copy(update={"traceparent": traceparent()}))

    async def _take(self, event: Event) -> Response:
        interested = listeners(event, self._agents)
        note_event(event, interested)
        if not interested:
            await self._book.note(event, "ignored", reason=NOBODY_LISTENS)
            return _ignored(NOBODY_LISTENS)
        if event.actor in await self._own_actors():
            await self._book.note(event, "ignored", reason=OWN_WRITE)
            return _ignored(OWN_WRITE)
        return await self._hand_over(event, interested)

    async def _own_actors(self) -> frozenset[str]:
        try:
            return await self._own_user.actors()
        except OwnUserUnknownError as error:
            log.warning("webhook put off, own user unknown: %s", error)
            raise HTTPException(503, "the CRM has not told who we are yet", headers=RETRY_AFTER) from error

    async def _hand_over(self, event: Event, agents: tuple[AgentSpec, ...]) -> Response:
        # A re-delivery is handed over too: the first time may have reached some of the agents only, and the
        # workflow knows which events it has.
        outcome = "duplicate" if await self._book.knows(event) else "accepted"
        workflow_ids = await asyncio.gather(*(self._deliver(spec, event) for spec in agents))
        for spec, workflow_id in zip(agents, workflow_ids, strict=True):
            log.info("event %s %s %s -> %s", event.kind, event.id, outcome, workflow_id)
            await self._book.note(event, outcome, agent=spec.name, workflow_id=workflow_id)
        return JSONResponse({"outcome": outcome, "event": event.id, "workflows": workflow_ids}, 202)

    async def _deliver(self, spec: AgentSpec, event: Event) -> str:
        try:
            return await self._delivery.deliver(spec, event)
        except NotDeliveredError as error:
            log.warning("event %s for %s not delivered: %s", event.id, spec.name, error)
            raise HTTPException(503, "the event could not be stored; send it again", headers=RETRY_AFTER) from error


def _event(payload: object) -> Event | Ignored:
    try:
        return normalise(payload)
    except MalformedWebhookError as error:
        raise HTTPException(422, str(error)) from error


def _ignored(reason: str) -> Response:
    log.info("webhook ignored: %s", reason)
    return JSONResponse({"outcome": "ignored", "reason": reason})
