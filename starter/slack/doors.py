"""`POST /slack/events` and `POST /slack/commands`: what people say in Slack, taken in as events."""

import asyncio
import json
import logging
import time
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.events import Event
from starter.answers import Answer
from starter.body import SLACK_SLOWEST, decoded, read
from starter.intake.taking import Taking
from starter.limits import Rate
from starter.refusals import Refused
from starter.slack.errors import NotFromSlack
from starter.slack.interactions import verify
from starter.slack.patience import answer_by
from starter.slack.telling import Telling
from starter.slack.waiting import Waiting, home
from starter.sources.no_event import Ignored, MalformedWebhookError
from starter.sources.slack import Challenge, asks_what_waits, command, normalise, opens_home

log = logging.getLogger(__name__)

HEARD = "Heard: an agent takes it up with whatever else comes in about {about}."
NOT_HEARD = "That was not taken: {reason}."
NOT_LISTED = "What waits couldn't be read just now; please ask again in a moment."


class Word(BaseModel):
    """The answer to Slack's question whether this address is ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    challenge: str


class Said(BaseModel):
    """The answer to a slash command, for whoever typed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    response_type: Literal["ephemeral"] = "ephemeral"
    text: str


class SlackEvents:
    """Both doors: signed by Slack, answered in time, and each event once however often it is sent."""

    def __init__(self, secrets: tuple[str, ...], taking: Taking, waiting: Waiting, to_one: Telling, rate: Rate) -> None:
        self._secrets = secrets
        self._taking = taking
        self._waiting = waiting
        self._to_one = to_one
        self._rate = rate

    async def hear(self, request: Request) -> Response:
        """The Events API. A 2xx, or Slack sends it again: three times, within minutes."""
        by = answer_by()
        payload = decoded(await self._verified(request))
        if user := opens_home(payload):
            answer = Answer("ignored", reason="what waits is shown in the home tab")
            answer.background = BackgroundTask(self._show_home, user)
            return answer
        try:
            found = normalise(payload)
        except MalformedWebhookError as error:
            # Slack switches an app's events off where too many fail, and this one will be no better the next time.
            log.error("not understood: %s", error)  # noqa: TRY400
            return Answer("ignored", reason=str(error)[:300])
        if isinstance(found, Challenge):
            return JSONResponse(Word(challenge=found.word).model_dump())
        return await self._in_time(found, by)

    async def obey(self, request: Request) -> Response:
        """A slash command: whoever typed it is told what became of it, and nobody else."""
        by = answer_by()
        body = await self._verified(request)
        if user := asks_what_waits(body):
            return _told(await self._what_waits(user, by))
        try:
            event = command(body, datetime.now(UTC))
            answer = await self._in_time(event, by)
        except MalformedWebhookError as error:
            return _told(str(error))
        except Refused as error:
            return _told(NOT_HEARD.format(reason=error.detail))
        said = json.loads(bytes(answer.body))
        return _told(NOT_HEARD.format(reason=said["reason"]) if "reason" in said else HEARD.format(about=event.entity))

    async def _what_waits(self, user: str, by: float) -> str:
        try:
            async with asyncio.timeout_at(by):
                return await self._waiting.for_whom(user)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("what waits not read: %s", type(error).__name__)
            return NOT_LISTED

    async def _show_home(self, user: str) -> None:
        await self._to_one.publish(user, home(await self._what_waits(user, answer_by())))

    async def _verified(self, request: Request) -> bytes:
        body = await read(request, slowest=SLACK_SLOWEST)
        try:
            verify(body, request.headers, self._secrets, time.time())
        except NotFromSlack as error:
            raise Refused(401, str(error), "unauthorized") from error
        self._rate.take()
        return body

    async def _in_time(self, event: Event | Ignored, by: float) -> Response:
        try:
            async with asyncio.timeout_at(by):
                return await self._taking.event(event)
        except TimeoutError as error:
            # What was stored in that moment all the same is a duplicate when it is sent again.
            raise Refused(503, "it was not stored in time", "too_slow") from error


def _told(text: str) -> Response:
    return JSONResponse(Said(text=text).model_dump())
