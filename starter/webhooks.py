"""`POST /webhooks/pipedrive`: verify, normalise, leave out our own echo, take in."""

import logging
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from contracts.agents import AgentSpec
from contracts.events import Event
from starter.answers import Answer
from starter.basic_auth import CHALLENGE, Credentials
from starter.body import JSON, decoded, read_json
from starter.intake import Intake, NotTakenError
from starter.limits import Rate
from starter.listeners import listeners
from starter.own_user import OwnUser, OwnUserUnknownError
from starter.pipedrive import SOURCE, Ignored
from starter.reading import UnreadableError, read_event
from starter.refusals import Refused
from starter.tracing import note_event, root_span
from store.quarantine import Unread
from telemetry.spans import traceparent

log = logging.getLogger(__name__)

OWN_WRITE = "own write"
NOBODY_LISTENS = "no agent listens"


class PipedriveWebhooks:
    """The door for Pipedrive. A 2xx means: it is safe with every agent that listens, or on disk, or nobody wants it."""

    def __init__(
        self, credentials: Credentials, agents: Iterable[AgentSpec], own_user: OwnUser, intake: Intake, rate: Rate
    ) -> None:
        self._credentials = credentials
        self._agents = tuple(agents)
        self._own_user = own_user
        self._intake = intake
        self._rate = rate

    async def receive(self, request: Request) -> Response:
        """202 accepted, duplicate, spooled or quarantined, 200 ignored, 4xx refused, 503 to be sent again."""
        if not self._credentials.accept(request.headers.get("authorization", "")):
            raise Refused(401, "wrong user name or password", "unauthorized", headers=CHALLENGE)
        self._rate.take()
        body = await read_json(request)
        with root_span("webhook pipedrive"):
            try:
                return await self._handle(body)
            except NotTakenError as error:
                log.warning("webhook not taken: %s", error)
                raise Refused(503, f"it could not be stored: {error}; send it again", error.why) from error

    async def _handle(self, body: bytes) -> Response:
        try:
            # What is decoded takes many times the body's room, and nobody holds on to it.
            event = read_event(SOURCE, decoded(body))
        except UnreadableError as error:
            return await self._set_aside(body, str(error))
        if isinstance(event, Ignored):
            return _ignored(event.reason)
        return await self._take(event.model_copy(update={"traceparent": traceparent()}))

    async def _take(self, event: Event) -> Response:
        interested = listeners(event, self._agents)
        note_event(event, interested)
        if not interested:
            await self._intake.leave_out(event, NOBODY_LISTENS)
            return _ignored(NOBODY_LISTENS)
        if event.actor in await self._own_actors():
            await self._intake.leave_out(event, OWN_WRITE)
            return _ignored(OWN_WRITE)
        taken = await self._intake.take(event, interested)
        return Answer(taken.outcome, event=event.id, workflows=taken.workflows)

    async def _own_actors(self) -> frozenset[str]:
        try:
            return await self._own_user.actors()
        except OwnUserUnknownError as error:
            log.warning("webhook put off, own user unknown: %s", error)
            raise Refused(503, "the CRM has not told who we are yet", "own_user_unknown") from error

    async def _set_aside(self, body: bytes, reason: str) -> Response:
        """A 4xx would make Pipedrive ban the webhook, and lose the event. So it is kept for a person."""
        number = await self._intake.set_aside(Unread(SOURCE, body, JSON, reason))
        log.error("a webhook is in quarantine: number %d", number)
        return Answer("quarantined", reason=reason, number=number)


def _ignored(reason: str) -> Response:
    log.info("webhook ignored: %s", reason)
    return Answer("ignored", reason=reason)
