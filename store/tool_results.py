"""What is kept of one call of a tool, in one transaction: the whole text, the call's row, and its effect's ending."""

from datetime import datetime

from contracts.calls import ToolCall, ToolReply
from store import blobs, effects, tool_calls
from store.database import Database
from store.effects import Ending


class ToolResults:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep(
        self,
        call: ToolCall,
        text: str,
        reply: ToolReply,
        *,
        at: datetime,
        latency_s: float = 0.0,
        ending: Ending | None = None,
    ) -> ToolReply:
        """The reply, with the reference under which `text` is kept. `latency_s`: seconds. `at`: when it was called."""
        async with self._db.session() as session:
            kept = reply.model_copy(update={"ref": await blobs.put(session, text)})
            await tool_calls.enter(session, call, kept, latency_s=latency_s, at=at)
            if ending:
                await effects.settle(session, call.effect_key, ending, kept)
        self._db.recent_texts.add(kept.ref, text)  # the model will be shown it next
        return kept
