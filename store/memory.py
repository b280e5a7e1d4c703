"""What the agents learnt: facts about an entity, each true from a moment on, until a later one on the same subject.

The table is only added to. When a fact ended, and by what it was superseded, follows from the facts after it; so
undoing one is a mark on it alone, and the one before it holds again.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from pydantic import AfterValidator, Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.frozen import Frozen
from store.database import Database
from store.errors import UnknownInsight
from store.insert import insert_into
from store.tables import InsightRow
from store.timeline import Insight, ranked, same_words, timeline


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


as_utc = AfterValidator(_utc)
"""A moment told without a zone, as a bare date is, counts as UTC."""


class Fact(Frozen):
    """Something learnt about an entity."""

    subject: str = Field(
        min_length=1, max_length=200, description="What it is about, in a few stable words: 'decision maker'"
    )
    fact: str = Field(min_length=1, max_length=2000)
    confidence: float = Field(default=0.8, ge=0, le=1)
    valid_from: Annotated[datetime | None, as_utc] = Field(
        default=None, description="Since when it is true; left out: since it was learnt"
    )


class Memory:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def remember(
        self,
        entity: str,
        facts: Sequence[Fact],
        *,
        source_event: str = "",
        run: str = "",
        at: datetime | None = None,
        key: str = "",
    ) -> list[str]:
        """Keep facts about an entity (`deal:42`), and get their ids in the same order.

        A new fact supersedes an older one on the same subject; one that says what is known already is not kept
        again, and gives the id of the old. With a `key`, the same request again gives the same ids.
        """
        at = at or datetime.now(UTC)
        async with self._db.session() as session:
            await self._db.queue_for(session, f"memory {entity}")
            known = await _insights(session, entity)
            ids = []
            for number, fact in enumerate(facts):
                insight = Insight(
                    id=_id(key, number),
                    entity=entity,
                    subject=fact.subject,
                    fact=fact.fact,
                    confidence=fact.confidence,
                    valid_from=fact.valid_from or at,
                    recorded_at=at,
                    source_event=source_event,
                    run=run,
                )
                kept = _already_known(insight, known) or insight
                if kept is insight:
                    await session.execute(insert_into(session, InsightRow).values(insight.recorded()))
                    known = timeline([*known, insight])
                ids.append(kept.id)
            return ids

    async def recall(
        self, entity: str, query: str = "", as_of: datetime | None = None, limit: int = 50
    ) -> list[Insight]:
        """What is true of an entity at a moment (now), as far as is known today.

        Facts that share words with the query come first, then the newest.
        """
        as_of = as_of or datetime.now(UTC)
        async with self._db.reading() as session:
            known = await _insights(session, entity)
        return ranked([insight for insight in known if insight.holds_at(as_of)], query)[:limit]

    async def history(self, entity: str) -> list[Insight]:
        """All that was ever learnt of an entity, the undone too, in the order it was learnt."""
        async with self._db.reading() as session:
            return await _insights(session, entity, undone=True)

    async def undo(self, id: str, at: datetime | None = None) -> None:  # noqa: A002 - what an insight's name is called
        """Take an insight back: it counts as never true, and stays on record. Raises UnknownInsight."""
        async with self._db.session() as session:
            undone = update(InsightRow).where(InsightRow.id == id, InsightRow.undone_at.is_(None))
            await session.execute(undone.values(undone_at=at or datetime.now(UTC)))
            if await session.scalar(select(InsightRow.id).where(InsightRow.id == id)) is None:
                raise UnknownInsight(f"can't undo insight {id!r}: there is none")


def _id(key: str, number: int) -> str:
    return hashlib.sha256(f"{key}\n{number}".encode()).hexdigest()[:32] if key else uuid4().hex


def _already_known(insight: Insight, known: Sequence[Insight]) -> Insight | None:
    for other in known:
        if other.id == insight.id:
            return other
        says_the_same = same_words(other.subject, insight.subject) and same_words(other.fact, insight.fact)
        if says_the_same and other.holds_at(insight.valid_from):
            return other
    return None


async def _insights(session: AsyncSession, entity: str, *, undone: bool = False) -> list[Insight]:
    query = select(InsightRow).where(InsightRow.entity == entity).order_by(InsightRow.number)
    rows = [Insight.model_validate(row, from_attributes=True) for row in await session.scalars(query)]
    return timeline(rows) if not undone else rows
