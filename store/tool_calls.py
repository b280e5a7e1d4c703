"""Every tool call for the record, reads too. Whether an effect may be done is the journal's matter (`effects.py`)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import ToolCall, ToolReply
from store.database import Database
from store.insert import insert_into
from store.tables import ToolCallRow


class ToolCalls:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, call: ToolCall, reply: ToolReply, *, latency_s: float, at: datetime) -> None:
        """Enter a call. Of several tries of one step the last stands: its answer is the one that the run saw.

        `latency_s`: seconds. `at`: when it was called.
        """
        async with self._db.session() as session:
            await enter(session, call, reply, latency_s=latency_s, at=at)

    async def of_run(self, run: str) -> Sequence[ToolCallRow]:
        """A run's calls, oldest first."""
        async with self._db.reading() as session:
            query = select(ToolCallRow).where(ToolCallRow.run == run).order_by(ToolCallRow.at)
            return (await session.scalars(query)).all()


async def enter(session: AsyncSession, call: ToolCall, reply: ToolReply, *, latency_s: float, at: datetime) -> None:
    """Enter a call as a part of a transaction that keeps more."""
    row = {
        **call.site.in_full(),
        "server": call.server,
        "tool": call.tool,
        "arguments": call.arguments,
        "effect_key": call.effect_key,
        "ref": reply.ref,
        "is_error": reply.is_error,
        "reply": reply.model_dump(mode="json"),
        "latency_s": latency_s,
        "at": at,
    }
    insert = insert_into(session, ToolCallRow)
    newer = {name: insert.excluded[name] for name in row}
    await session.execute(insert.on_conflict_do_update(index_elements=["run", "step"], set_=newer), row)
