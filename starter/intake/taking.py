"""From what a verified request says to its answer: the same for every source."""

import logging
from collections.abc import Iterable

from starlette.responses import Response

from contracts.agents import AgentSpec
from contracts.events import Event
from starter.answers import Answer
from starter.body import JSON, decoded
from starter.intake.accepting import Intake, NotTakenError
from starter.intake.authors import Authors
from starter.intake.authorship import hearing
from starter.intake.listeners import listeners, looked_after
from starter.refusals import Refused
from starter.sources.catalogue import Catalogue
from starter.sources.no_event import Ignored
from starter.sources.reading import UnreadableError, read_event, read_traces
from starter.sources.traces import NONE, Traces
from starter.tracing import note_event, root_span
from store.quarantine import Unread
from telemetry.spans import traceparent

log = logging.getLogger(__name__)

NOBODY_LISTENS = "no agent listens"


class Taking:
    """A 2xx means: it is safe with every agent that listens, or on disk, or nobody wants it."""

    def __init__(self, agents: Iterable[AgentSpec], authors: Authors, intake: Intake, sources: Catalogue) -> None:
        self._agents = tuple(agents)
        self._authors = authors
        self._intake = intake
        self._sources = sources

    async def body(self, source: str, body: bytes) -> Response:
        """The answer to a JSON body: what can't be read goes into quarantine. Raises Refused."""
        with root_span(f"webhook {source}"):
            try:
                # What is decoded takes many times the body's room, and nobody holds on to it.
                event, traces = self._read(source, body)
                return await self._found(event, traces)
            except UnreadableError as error:
                return await self._set_aside(Unread(source, body, JSON, str(error)))

    def _read(self, source: str, body: bytes) -> tuple[Event | Ignored, Traces]:
        payload = decoded(body)
        event = read_event(self._sources, source, payload)
        return event, read_traces(self._sources, source, payload) if isinstance(event, Event) else NONE

    async def event(self, event: Event | Ignored) -> Response:
        """The answer to what was read already. Raises Refused."""
        with root_span(f"event {event.source if isinstance(event, Event) else 'ignored'}"):
            return await self._found(event)

    async def _found(self, event: Event | Ignored, traces: Traces = NONE) -> Response:
        if isinstance(event, Ignored):
            return _ignored(event.reason)
        try:
            return await self._take(event.model_copy(update={"traceparent": traceparent()}), traces)
        except NotTakenError as error:
            raise _not_taken(error) from error

    async def _take(self, event: Event, traces: Traces) -> Response:
        interested = listeners(event, self._agents)
        note_event(event, interested)
        if not interested and not looked_after(event, self._agents):
            # A CRM tells of all its objects: what nobody has to do with isn't worth a row of the store each.
            return _ignored(NOBODY_LISTENS)
        if not interested:
            return await self._leave_out(event, NOBODY_LISTENS)
        author = await self._authors.of(event, traces)
        heard_by, event = hearing(event, interested, author), author.told(event)
        if not heard_by:
            return await self._leave_out(event, author.how)
        taken = await self._intake.take(event, heard_by)
        for spec in interested:
            if spec not in heard_by:
                await self._intake.leave_out(event, author.how, agent=spec.name)
        return Answer(taken.outcome, event=event.id, workflows=taken.workflows)

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
