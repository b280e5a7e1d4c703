"""Calling a tool: written ahead where it changes something, then done, then recorded."""

import asyncio
import json

from temporalio import activity

from activities.answers import PREVIEW, Answer, answer_of
from activities.failures import tool_error
from activities.heartbeat import heartbeats
from activities.mcp import ToolServers
from activities.reconciling import Reconciler
from contracts import names
from contracts.calls import ToolCall, ToolReply
from contracts.failures import Failure
from store.database import Database
from store.effects import Begun, Effects, Ending
from store.tool_results import ToolResults
from telemetry.spans import answered, step_span


class ToolActivities:
    """The `call_tool` activity over the store and the tool servers."""

    def __init__(self, db: Database, servers: ToolServers) -> None:
        self._servers = servers
        self._effects = Effects(db)
        self._results = ToolResults(db)
        self._reconciler = Reconciler(db, servers)

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        """Call a tool once. Passing errors are raised for Temporal to retry; all others are the answer."""
        async with heartbeats():
            with step_span(f"{call.server}.{call.tool}", kind="TOOL", said=json.dumps(call.arguments)) as span:
                reply = await (self._effect(call) if call.effect_key else self._read(call))
                answered(span, reply.preview)
                return reply

    async def _read(self, call: ToolCall) -> ToolReply:
        answer = await answer_of(self._servers, call)
        # Entered even where it will be tried again: whoever is on call sees what a run is stuck on.
        return _unless_retried(answer, await self._keep(call, answer))

    async def _effect(self, call: ToolCall) -> ToolReply:
        begun = await self._effects.begin(call.effect_key, call)
        if begun.reply is not None:
            return begun.reply
        try:
            return await (self._do(call, begun) if begun.state == "new" else self._settle(call, begun))
        except asyncio.CancelledError:
            await self._leave_in_doubt(call)
            raise

    async def _do(self, call: ToolCall, begun: Begun) -> ToolReply:
        """Make the call, of which it is known that it hasn't happened yet. So an error says that it still hasn't."""
        answer = await answer_of(self._servers, call)
        ending = Ending("done")
        if answer.failure:
            ending = Ending("failed", attempt=begun.attempt, reason=answer.failure.message[:PREVIEW])
        unknown = answer.failure and not answer.failure.nothing_done
        return _unless_retried(answer, await self._keep(call, answer, None if unknown else ending))

    async def _settle(self, call: ToolCall, begun: Begun) -> ToolReply:
        """A call was begun before, and nobody knows what came of it: ask the server, by whatever way it has."""
        answer = await answer_of(self._servers, call) if call.repeatable else None
        if answer and (answer.failure is None or answer.failure.kind == "passing"):
            return _unless_retried(answer, await self._keep(call, answer, None if answer.failure else Ending("done")))
        said = await self._reconciler.ask(call) if call.reconcile else None
        if said and said.happened:
            return await self._reconciler.keep(call, said)
        if said and said.happened is False:
            return await self._do_after_all(call, begun, answer)
        # Of a refused repetition only this attempt is known to have done nothing.
        return await self._reconciler.doubt(call, answer.failure if answer else None)

    async def _do_after_all(self, call: ToolCall, begun: Begun, refused: Answer | None) -> ToolReply:
        if not await self._effects.take_over(call.effect_key, begun.attempt):
            raise tool_error(Failure(kind="passing", message="passing: a later attempt is at it"))
        if refused is None:
            return await self._do(call, begun)
        return await self._keep(call, refused, Ending("failed", attempt=begun.attempt, reason=refused.outcome.text))

    async def _keep(self, call: ToolCall, answer: Answer, ending: Ending | None = None) -> ToolReply:
        return await self._results.keep(
            call, answer.outcome.text, answer.reply(call.pick), at=answer.at, latency_s=answer.latency_s, ending=ending
        )

    async def _leave_in_doubt(self, call: ToolCall) -> None:
        """The run was stopped while its call was under way. A worker that only shuts down leaves it to the next."""
        details = activity.cancellation_details()
        if details and details.worker_shutdown:
            return
        ending = Ending("in_doubt", reason="the run was stopped while the call was under way")
        await asyncio.shield(self._effects.settle(call.effect_key, ending))


def _unless_retried(answer: Answer, reply: ToolReply) -> ToolReply:
    """The reply, for an error that will last; a passing one is raised, and Temporal comes back."""
    if answer.failure and answer.failure.kind == "passing":
        raise tool_error(answer.failure)
    return reply
