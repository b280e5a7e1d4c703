"""Texts by their content hash: prompts, schemas, tool results. The same text is kept once."""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.canonical import content_hash, decoded, encoded
from store.database import Database
from store.errors import BlobMissing
from store.insert import insert_into
from store.tables import BlobRow

Harm = Literal["missing", "altered"]

FRESH = timedelta(hours=1)
"""How old the moment of a text's last putting may be before a new putting is noted: not every run writes them all."""


class Blobs:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, text: str) -> str:
        """Keep a text, and get its reference: SHA-256 in base64url. Putting it again changes nothing."""
        async with self._db.session() as session:
            ref = await put(session, text)
        self._db.recent_texts.add(ref, text)
        return ref

    async def put_all(self, texts: Iterable[str]) -> dict[str, str]:
        """Keep texts in one transaction: each text -> its reference."""
        async with self._db.session() as session:
            return await put_all(session, texts)

    async def get(self, ref: str) -> str:
        """The text behind a reference. Raises BlobMissing."""
        texts = await self.get_all([ref])
        if ref not in texts:
            raise BlobMissing(f"no text is stored under {ref!r}; was it put into another store (FARM_STORE_URL)?")
        return texts[ref]

    async def verify(self, refs: Iterable[str]) -> dict[str, Harm]:
        """Which of these texts are missing, or aren't what their reference says; empty where all is well."""
        wanted = set(refs)
        async with self._db.reading() as session:
            rows = await session.execute(select(BlobRow.ref, BlobRow.body).where(BlobRow.ref.in_(wanted)))
            found = {ref: _as_written(ref, body) for ref, body in rows}
        return {ref: "altered" if ref in found else "missing" for ref in wanted if not found.get(ref)}

    async def get_all(self, refs: Iterable[str]) -> dict[str, str]:
        """Texts by reference, in one query at most; what isn't stored is left out."""
        recent = self._db.recent_texts
        wanted = set(refs)
        found = {ref: recent[ref] for ref in wanted if ref in recent}
        if missing := wanted - found.keys():
            async with self._db.reading() as session:
                found |= await read(session, missing)
        for ref, text in found.items():
            recent.add(ref, text)
        return found


async def put(session: AsyncSession, text: str) -> str:
    """Keep a text as a part of a transaction that keeps more."""
    ref, now = content_hash(text), datetime.now(UTC)
    insert = insert_into(session, BlobRow)
    # An old text that somebody needs again is young again, or the sweep would take it from under a run.
    stale = BlobRow.recorded_at < now - FRESH
    again = insert.on_conflict_do_update(index_elements=["ref"], set_={"recorded_at": now}, where=stale)
    await session.execute(again, {"ref": ref, "body": zlib.compress(encoded(text)), "recorded_at": now})
    return ref


async def put_all(session: AsyncSession, texts: Iterable[str]) -> dict[str, str]:
    """Keep texts as a part of a transaction that keeps more: each text -> its reference."""
    return {text: await put(session, text) for text in texts}


async def read(session: AsyncSession, refs: Iterable[str]) -> dict[str, str]:
    rows = await session.execute(select(BlobRow.ref, BlobRow.body).where(BlobRow.ref.in_(set(refs))))
    return {ref: decoded(zlib.decompress(body)) for ref, body in rows}


def _as_written(ref: str, body: bytes) -> bool:
    try:
        return content_hash(decoded(zlib.decompress(body))) == ref
    except (zlib.error, UnicodeDecodeError):
        return False
