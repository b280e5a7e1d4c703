"""An effect that was begun and interrupted: what its server's reconcile tool says, and what is told of a doubt."""

from datetime import UTC, datetime

from pydantic import ValidationError

from activities.answers import PREVIEW, answer_of, short
from activities.failures import tool_error
from activities.mcp import ToolServers
from contracts.calls import Reconciled, ToolCall, ToolReply
from contracts.failures import Failure
from store.database import Database
from store.effects import Ending
from store.tool_results import ToolResults


class Reconciler:
    """Asks a tool's own server about an interrupted call of it."""

    def __init__(self, db: Database, servers: ToolServers) -> None:
        self._servers = servers
        self._results = ToolResults(db)

    async def ask(self, call: ToolCall) -> Reconciled:
        """What the reconcile tool says, entered as a call of its own. One that can't be heard just now is passing."""
        site = call.site.model_copy(update={"step": f"{call.site.step}.reconcile"})
        asked = call.model_copy(update={"site": site, "tool": call.reconcile})
        answer = await answer_of(self._servers, asked)
        # It reads: the key goes with it to be asked about, and makes no effect of it.
        read = asked.model_copy(update={"effect_key": ""})
        text, reply = answer.outcome.text, answer.reply()
        await self._results.keep(read, text, reply, at=answer.at, latency_s=answer.latency_s)
        if answer.failure and answer.failure.kind == "passing":
            raise tool_error(answer.failure)
        try:
            return Reconciled.model_validate(answer.outcome.data)
        except ValidationError:
            return Reconciled(happened=None)

    async def keep(self, call: ToolCall, said: Reconciled) -> ToolReply:
        """It happened. The model is told how that is known."""
        told = f"This call was interrupted. {call.server} {call.reconcile} says that it happened; it wasn't repeated."
        text = f"{told}\n{said.model_dump_json(include={'result'})}"
        reply = ToolReply(ref="", preview=text[:PREVIEW], data=short(said.result))
        ending = Ending("done", by=f"{call.server}.{call.reconcile}")
        return await self._results.keep(call, text, reply, at=datetime.now(UTC), ending=ending)

    async def doubt(self, call: ToolCall, refusal: Failure | None) -> ToolReply:
        """Nothing can tell. It is for a person now, and until then it isn't done again."""
        text = f"{call.server} {call.tool} was begun and interrupted; whether it happened is not known."
        if refusal:
            text += f" Asked again under the same key, the server said: {refusal.message}"
        reply = ToolReply(ref="", preview=text[:PREVIEW], is_error=True, in_doubt=True)
        ending = Ending("in_doubt", reason=text[:PREVIEW])
        return await self._results.keep(call, text, reply, at=datetime.now(UTC), ending=ending)
