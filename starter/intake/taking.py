"""From what a verified request says to its answer: the same for every source."""

import logging
from collections.abc import Iterable

from starlette.responses import Response

from contracts.agents import AgentSpec
from contracts.events import Event
from starter.answers import Answer
from starter.body import JSON, decoded
from starter.intake.accepting import Intake, NotTakenError
from starter.intake.listeners import listeners
from starter.refusals import Refused
from starter.sources.no_event import Ignored
from starter.sources.own_user import OwnUser, OwnUserUnknownError
from starter.sources.pipedrive import SOURCE as CRM
from starter.sources.reading import UnreadableError, read_event
from starter.tracing import note_event, root_span
from store.quarantine import Unread
from telemetry.spans import traceparent

log = logging.getLogger(__name__)

OWN_WRITE = "own write"
NOBODY_LISTENS = "no agent listens"


class Taking:
    """A 2xx means: it is safe with every agent that listens, or on disk, or nobody wants it."""

    def __init__(self, agents: Iterable[AgentSpec], own_user: OwnUser, intake: Intake) -> None:
        self._agents = tuple(agents)
        self._own_user = own_user
        self._intake = intake

    async def body(self, source: str, body: bytes) -> Response:
        """The answer to a JSON body: what can't be read goes into quarantine. Raises Refused."""
        with root_span(f"webhook {source}"):
            try:
                # What is decoded takes many times the body's room, and nobody holds on to it.
                event = read_event(source, decoded(body))
                return await self._found(event)
            except UnreadableError as error:
                return await self._set_aside(Unread(source, body, JSON, str(error)))

    async def event(self, event: Event | Ignored) -> Response:
        """The answer to what was read already. Raises Refused."""
        with root_span(f"event {event.source if isinstance(event, Event) else 'ignored'}"):
            return await self._found(event)

    async def _found(self, event: Event | Ignored) -> Response:
        if isinstance(event, Ignored):
            return _ignored(event.reason)
        try:
            return await self._take(event.model_copy(update={"traceparent": traceparent()}))
        except NotTakenError as error:
            raise _not_taken(error) from error

    async def _take(self, event: Event) -> Response:
        interested = listeners(event, self._agents)
        note_event(event, interested)
        if not interested:
            return await self._leave_out(event, NOBODY_LISTENS)
        if event.source == CRM and event.actor in await self._own_actors():
            return await self._leave_out(event, OWN_WRITE)
        taken = await self._intake.take(event, interested)
        return Answer(taken.outcome, event=event.id, workflows=taken.workflows)

    async def _own_actors(self) -> frozenset[str]:
        try:
            return await self._own_user.actors()
        except OwnUserUnknownError as error:
            log.warning("webhook put off, own user unknown: %s", error)
            raise Refused(503, "the CRM has not told who we are yet", "own_user_unknown") from error

    async def _leave_out(self, event: Event, reason: str) -> Response:
        await self._intake.leave_out(event, reason)
        return _ignored(reason)

    async def _set_aside(self, unread: Unread) -> Response:
        """A 4xx would make a sender ban the webhook, and lose the event. So it is kept for a person."""
        try:
            number = await self._intake.set_aside(unread)
        except NotTakenError as error:
            raise _not_taken(error) from error
        log.error("webhook %d in quarantine: %s", number, unread.reason)
        return Answer("quarantined", reason=unread.reason, number=number)


def _ignored(reason: str) -> Response:
    log.info("webhook ignored: %s", reason)
    return Answer("ignored", reason=reason)


def _not_taken(error: NotTakenError) -> Refused:
    log.warning("webhook not taken: %s", error)
    return Refused(503, f"it could not be stored: {error}; send it again", error.why)
