"""Pinning what a run works with: prompts, skills, schemas and tool definitions by content hash, and chosen models."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mcp.types import Tool, ToolAnnotations
from temporalio import activity

from activities.book import Book
from activities.heartbeat import heartbeats
from activities.mcp import ToolServers
from contracts import names
from contracts.agents import Kit, PrepareRun, ToolNature
from contracts.policy import ApprovalPolicy
from store.blobs import Blobs, put_all
from store.chosen_models import current
from store.database import Database
from store.kits import enter

log = logging.getLogger(__name__)


class KitActivities:
    """The `prepare_run` activity. `books`: each agent's prompts and skills, as this worker was deployed with them; so
    are `policies`. `batched` tells the roles whose vendor takes batches.
    """

    def __init__(
        self,
        db: Database,
        servers: ToolServers,
        books: Mapping[str, Book],
        channel: str,
        *,
        policies: Mapping[str, ApprovalPolicy] = MappingProxyType({}),
        batched: Callable[[], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        self._db = db
        self._servers = servers
        self._books = books
        self._channel = channel
        self._policies = policies
        self._batched = batched

    @activity.defn(name=names.PREPARE_RUN)
    async def prepare_run(self, request: PrepareRun) -> Kit:
        async with heartbeats():
            book = self._books[request.agent]
            listed = await asyncio.gather(*(self._servers.tools(server) for server in request.tool_servers))
            batched = tuple(await self._batched()) if self._batched else ()
            tools = by_name(dict(zip(request.tool_servers, listed, strict=True)))
            prompts = book.texts()
            schemas = {name: _json(schema) for name, schema in request.schemas.items()}
            toolset = _json(_definitions(tools, request, book))
            async with self._db.session() as session:
                refs = await put_all(session, [*prompts.values(), *schemas.values(), toolset])
                kit = Kit(
                    prompts={name: refs[text] for name, text in prompts.items()},
                    schemas={name: refs[text] for name, text in schemas.items()},
                    tools=natures(tools),
                    toolset=refs[toolset],
                    channel=self._channel,
                    models=await current(session),
                    policy=self._policies.get(request.agent),
                    batched=batched,
                )
                await enter(session, request.run, kit, request.job, activity.info().current_attempt_scheduled_time)
            return kit

    async def schemas(self, request: PrepareRun) -> dict[str, str]:
        """The schemas of the answers that the asking code wants, by name."""
        texts = {name: _json(schema) for name, schema in request.schemas.items()}
        refs = await Blobs(self._db).put_all(texts.values())
        return {name: refs[text] for name, text in texts.items()}


def by_name(listed: Mapping[str, Sequence[Tool]]) -> dict[str, Tool]:
    """The tools of servers, as they are named to a model."""
    return {names.model_tool_name(server, tool.name): tool for server, tools in listed.items() for tool in tools}


def natures(tools: Mapping[str, Tool]) -> dict[str, ToolNature]:
    """What each declares of itself."""
    return {name: _nature(name, tool, tools) for name, tool in tools.items()}


def _definitions(tools: Mapping[str, Tool], request: PrepareRun, book: Book) -> list[dict[str, Any]]:
    """All tools as the model gets them, in a stable order: a changed order would cost the vendor's prompt cache."""
    served = [
        {"name": name, "description": tool.description or "", "input_schema": tool.input_schema}
        for name, tool in sorted(tools.items())
    ]
    own = [dict(each) for each in request.farm_tools if each["name"] != names.LOAD_SKILL or book.skills]
    for each in own:
        if each["name"] == names.LOAD_SKILL:
            each["description"] = f"{each['description']}\n\nSkills:\n{book.skill_list()}"
    return [*served, *own]


def _nature(name: str, tool: Tool, tools: Mapping[str, Tool]) -> ToolNature:
    hints, meta = tool.annotations or ToolAnnotations(), tool.meta or {}
    return ToolNature(
        read_only=_reads(tool),
        idempotent=bool(hints.idempotent_hint),
        quick=bool(hints.read_only_hint and meta.get(names.META_QUICK)),
        once=bool(meta.get(names.META_ONCE)),
        reconcile=_reconcile(name, str(meta.get(names.META_RECONCILE, "")), tools),
        outside=_outside(tool),
    )


def _outside(tool: Tool) -> bool:
    """What a tool says of itself. One that doesn't say is taken at MCP's own hint, whose default is an open world."""
    hints, meta = tool.annotations or ToolAnnotations(), tool.meta or {}
    return bool(meta.get(names.META_OUTSIDE, hints.open_world_hint is not False))


def _reconcile(name: str, named: str, tools: Mapping[str, Tool]) -> str:
    """The tool that settles a doubt about `name`, where its server has such a one and it only reads."""
    server, _ = names.split_tool_name(name)
    tool = tools.get(names.model_tool_name(server, named))
    if named and not (tool and _reads(tool)):
        log.warning("%s names %r to reconcile it, which is no read-only tool of its server: left out", name, named)
        return ""
    return named


def _reads(tool: Tool) -> bool:
    return bool(tool.annotations and tool.annotations.read_only_hint)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
