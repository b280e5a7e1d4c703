"""A run's page: what it did and when, what was said, what it cost, and where else to look."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.calls import RunRecord
from starter.page import telling
from starter.page.picture import picture
from starter.page.rendering import page, run_path
from starter.page.session import SignedIn
from store.errors import TranscriptBroken, TurnMissing
from store.story import Story
from telemetry.links import trace_url

PATIENCE_S = 10.0
"""Seconds that the records may take: a long run has a long story."""


@dataclass(frozen=True)
class Elsewhere:
    """Other places that know of a run; empty where there are none."""

    temporal_ui: str = ""
    namespace: str = "default"
    traces: str = ""

    def links(self, run: RunRecord) -> list[tuple[str, str]]:
        found = []
        if self.temporal_ui:
            address = f"{self.temporal_ui.rstrip('/')}/namespaces/{self.namespace}/workflows/{quote(run.run, safe='')}"
            found.append(("Temporal", address))
        if self.traces and run.trace_id:
            found.append(("Trace", trace_url(self.traces, run.trace_id)))
        return found


@dataclass(frozen=True)
class Talk:
    """What was said with one role's model, or why it can't be shown."""

    role: str
    said: tuple[telling.Utterance, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class RunPages:
    """Reads the farm's own records alone: they are there whatever became of Temporal's history."""

    story: Callable[[str], Awaitable[Story | None]]
    named: Callable[[str], Awaitable[Sequence[RunRecord]]]
    newest: Callable[[], Awaitable[Sequence[RunRecord]]]
    conversation: Callable[[str], Awaitable[list[dict[str, Any]]]]
    elsewhere: Elsewhere

    async def latest(self, request: Request, me: SignedIn) -> Response:
        """The newest runs."""
        async with asyncio.timeout(PATIENCE_S):
            return page(request, "runs.html", me=me, runs=await self.newest())

    async def one(self, request: Request, me: SignedIn) -> Response:
        """One run by its workflow id; an entity's name, such as `deal:42`, leads to its newest."""
        name = request.path_params["run"]
        async with asyncio.timeout(PATIENCE_S):
            story = await self.story(name)
            if story is None:
                return await self._by_name(name)
            talks = [await self._talk(role, head) for role, head in telling.heads(story).items()]
        return page(
            request,
            "run.html",
            me=me,
            story=story,
            run=story.run,
            picture=picture(story, datetime.now(UTC)),
            lines=telling.lines(story),
            costs=telling.costs(story),
            talks=talks,
            links=self.elsewhere.links(story.run),
        )

    async def _by_name(self, name: str) -> Response:
        found = await self.named(name)
        if not found:
            raise HTTPException(404, "no such run is on record")
        return RedirectResponse(run_path(found[0].run), 303)

    async def _talk(self, role: str, head: str) -> Talk:
        try:
            return Talk(role, tuple(telling.utterances(await self.conversation(head))))
        except TurnMissing:
            return Talk(role, trouble="The conversation is no longer stored.")
        except TranscriptBroken:
            return Talk(role, trouble="The conversation isn't as it was written. ./farm trace --verify says more.")
