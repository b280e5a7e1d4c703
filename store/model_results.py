"""What is kept of one call of a model, in one transaction: the conversation's new turns, and the call's row."""

from collections.abc import Sequence
from datetime import datetime

from contracts.calls import ModelCall, ModelReply
from store import model_calls, prices
from store.chain import Turn
from store.database import Database
from store.model_calls import Bill
from store.transcripts import Transcripts


class ModelResults:
    def __init__(self, db: Database, transcripts: Transcripts) -> None:
        self._db = db
        self._transcripts = transcripts
        self._priced: set[str] = set()
        """Versions of prices that are in the store already."""

    async def keep(
        self,
        call: ModelCall,
        reply: ModelReply,
        turns: Sequence[Turn],
        *,
        asked: str,
        latency_s: float,
        at: datetime,
        bill: Bill,
    ) -> ModelReply:
        """The reply that stands: this one, or the first one entered for its run and step. Arguments as of `record`."""
        rates = bill.rates
        async with self._db.session() as session:
            await self._transcripts.enter(session, *turns)
            if rates and rates.version not in self._priced:
                await prices.enter(session, rates, at)
            standing = await model_calls.enter(session, call, reply, asked=asked, latency_s=latency_s, at=at, bill=bill)
        self._transcripts.remember(*turns)
        if rates:
            self._priced.add(rates.version)
        return standing
