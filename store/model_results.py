"""What is kept of one call of a model, in one transaction: the conversation's new turns, and the call's row."""

from collections.abc import Sequence
from datetime import datetime

from contracts.calls import ModelCall, ModelReply
from store import model_calls
from store.chain import Turn
from store.database import Database
from store.transcripts import Transcripts


class ModelResults:
    def __init__(self, db: Database, transcripts: Transcripts) -> None:
        self._db = db
        self._transcripts = transcripts

    async def keep(
        self, call: ModelCall, reply: ModelReply, turns: Sequence[Turn], *, asked: str, latency_s: float, at: datetime
    ) -> ModelReply:
        """The reply that stands: this one, or the first one entered for its run and step. Arguments as of `record`."""
        async with self._db.session() as session:
            await self._transcripts.enter(session, *turns)
            standing = await model_calls.enter(session, call, reply, asked=asked, latency_s=latency_s, at=at)
        self._transcripts.remember(*turns)
        return standing
