"""Conversations, beside Temporal: a chain of turns, so that a workflow carries one hash however long the talk is."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.canonical import canonical
from store.chain import ROOT, Break, Turn, packed, unpacked, walk
from store.database import Database
from store.errors import TranscriptBroken, TurnMissing
from store.insert import insert_into
from store.recent import Recent
from store.tables import TurnRow

Message = dict[str, Any]


class Transcripts:
    """`remembered` is how much text of recent turns stays in this process, in characters."""

    def __init__(self, db: Database, remembered: int = 32_000_000) -> None:
        self._db = db
        # Kept as text: whoever reads a conversation may change his copy.
        self._recent: Recent[Turn] = Recent(remembered, size=lambda turn: len(turn.messages))

    async def append(self, parent: str, messages: Sequence[Message], *, anew: bool = False) -> str:
        """Add a turn, and get the new head: SHA-256 over the parent's head and the messages as canonical JSON.

        `parent` is empty for a new conversation; one that isn't stored is a TurnMissing. Adding the same turn
        again gives the same head and changes nothing. `anew`: whoever reads the conversation begins with this turn.
        """
        turn = turn_of(parent, messages, anew=anew)
        async with self._db.session() as session:
            await self.enter(session, turn)
        self.remember(turn)
        return turn.head

    async def enter(self, session: AsyncSession, *turns: Turn) -> None:
        """Add turns, each the parent of the next, as a part of a transaction that keeps more. `remember` them after."""
        parent = turns[0].parent
        if parent != ROOT and parent not in self._recent and await session.get(TurnRow, parent) is None:
            raise TurnMissing(f"can't go on from {parent!r}: no such turn is stored")
        now = datetime.now(UTC)
        for turn in turns:
            row = {"head": turn.head, "parent": turn.parent, "body": packed(turn), "recorded_at": now}
            # One added again is young again: the sweep may have come upon it before its call is entered.
            insert = insert_into(session, TurnRow)
            await session.execute(insert.on_conflict_do_update(index_elements=["head"], set_={"recorded_at": now}), row)

    def remember(self, *turns: Turn) -> None:
        """Turns that are stored for good needn't be read from there."""
        for turn in turns:
            self._recent.add(turn.head, turn)

    async def read(self, head: str) -> list[Message]:
        """The conversation as a model is shown it, oldest message first; empty for an empty head.

        Raises TurnMissing, and TranscriptBroken where what is stored isn't what was written.
        """
        turns, breaks = walk(head, self._recent, whole=False)
        if breaks:
            turns = await self._unbroken(head, whole=False)
        self.remember(*turns)
        return [message for turn in turns for message in _messages(turn)]

    async def read_whole(self, head: str) -> list[Message]:
        """Everything that was ever said under `head`, what a summary replaced included. Raises as `read`."""
        return [message for turn in await self._unbroken(head, whole=True) for message in _messages(turn)]

    async def verify(self, head: str) -> list[Break]:
        """What is wrong with the stored chain under `head`; empty where every turn is as it was written."""
        return walk(head, await self._stored(head))[1]

    async def _unbroken(self, head: str, *, whole: bool) -> list[Turn]:
        stored = await self._stored(head)
        if head not in stored:
            raise TurnMissing(f"no turn is stored under {head!r}")
        turns, breaks = walk(head, stored, whole=whole)
        if breaks:
            raise TranscriptBroken(f"the conversation up to {head!r} was changed: {', '.join(map(str, breaks))}")
        return turns

    async def _stored(self, head: str) -> dict[str, Turn]:
        async with self._db.reading() as session:
            return await _chain(session, head)


def turn_of(parent: str, messages: Sequence[Message], *, anew: bool = False) -> Turn:
    """A turn as it will be stored, and so its head."""
    return Turn(parent, canonical({"anew": list(messages)} if anew else list(messages)))


def _messages(turn: Turn) -> list[Message]:
    said = json.loads(turn.messages)
    messages: list[Message] = said["anew"] if turn.anew else said
    return messages


async def _chain(session: AsyncSession, head: str) -> dict[str, Turn]:
    """Every turn from `head` to the root, in one query. The recursion carries hashes only, and ends in a circle too."""
    links = select(TurnRow.head, TurnRow.parent).where(TurnRow.head == head).cte("links", recursive=True)
    links = links.union(select(TurnRow.head, TurnRow.parent).join(links, TurnRow.head == links.c.parent))
    rows = await session.execute(
        select(TurnRow.head, TurnRow.parent, TurnRow.body).join(links, TurnRow.head == links.c.head)
    )
    return {head: unpacked(parent, body) for head, parent, body in rows}
