"""Calling a tool: written ahead where it changes something, then done, then recorded."""

import json
import logging
from datetime import UTC, datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.failures import tool_error, tool_failure
from activities.heartbeat import heartbeats
from activities.mcp import Outcome, ToolServers, UnknownServer
from contracts import names
from contracts.calls import ToolCall, ToolReply
from store.blobs import Blobs
from store.database import Database
from store.effects import Effects
from store.tool_calls import ToolCalls
from telemetry.spans import answered, step_span

log = logging.getLogger(__name__)

PREVIEW = 300
# What a workflow may want to read of a result stays in Temporal's history; anything longer is behind the reference.
INLINE_BYTES = 1024


class ToolActivities:
    """The `call_tool` activity over the store and the tool servers."""

    def __init__(self, db: Database, servers: ToolServers) -> None:
        self._servers = servers
        self._blobs = Blobs(db)
        self._effects = Effects(db)
        self._calls = ToolCalls(db)

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        """Call a tool once. Passing errors are raised for Temporal to retry; all others are the answer."""
        async with heartbeats():
            with step_span(f"{call.server}.{call.tool}", kind="TOOL", said=json.dumps(call.arguments)) as span:
                reply = await (self._effect(call) if call.effect_key else self._do(call))
                answered(span, reply.preview)
                return reply

    async def _effect(self, call: ToolCall) -> ToolReply:
        begun = await self._effects.begin(call.effect_key, call)
        if begun.reply is not None:
            return begun.reply
        if begun.state == "pending" and not call.repeatable:
            await self._effects.in_doubt(call.effect_key, "begun before, and nothing tells whether it happened")
            return await self._record(call, _in_doubt(call), datetime.now(UTC))
        reply = await self._do(call)
        if reply.is_error and begun.state == "new":
            await self._effects.fail(call.effect_key, reply.preview)
        elif reply.is_error:
            # Of a repetition only this attempt is known to have done nothing.
            await self._effects.in_doubt(call.effect_key, reply.preview)
        else:
            await self._effects.finish(call.effect_key, reply)
        return reply

    async def _do(self, call: ToolCall) -> ToolReply:
        at = datetime.now(UTC)
        try:
            outcome = await self._servers.call(call)
        except UnknownServer as error:
            raise ApplicationError(str(error), type="permanent", non_retryable=True) from error
        except Exception as error:  # noqa: BLE001  whatever a transport raises, the server wasn't heard: passing
            log.warning("%s.%s: %s", call.server, call.tool, error)
            outcome = Outcome(text=f"passing: {call.server} did not answer: {error}"[:300], data={}, is_error=True)
        # Entered even where it will be tried again: whoever is on call sees what a run is stuck on.
        reply = await self._record(call, outcome, at)
        if outcome.is_error and (failure := tool_failure(outcome.text)).kind == "passing":
            raise tool_error(failure)
        return reply

    async def _record(self, call: ToolCall, outcome: Outcome, at: datetime) -> ToolReply:
        reply = ToolReply(
            ref=await self._blobs.put(outcome.text),
            preview=outcome.text[:PREVIEW],
            is_error=outcome.is_error,
            data=outcome.data if len(json.dumps(outcome.data)) <= INLINE_BYTES else {},
        )
        latency_s = (datetime.now(UTC) - at).total_seconds()
        await self._calls.record(call, reply, latency_s=latency_s, at=at)
        return reply


def _in_doubt(call: ToolCall) -> Outcome:
    text = f"{call.server} {call.tool} was begun and interrupted; whether it happened is not known. Don't repeat it."
    return Outcome(text=text, data={}, is_error=True)
