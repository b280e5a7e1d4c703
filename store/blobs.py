"""Texts by their content hash: prompts, schemas, tool results. The same text is kept once."""

import zlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.canonical import content_hash, decoded, encoded
from store.database import Database
from store.errors import BlobMissing
from store.insert import insert_into
from store.tables import BlobRow


class Blobs:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, text: str) -> str:
        """Keep a text, and get its reference: SHA-256 in hex. Putting it again changes nothing."""
        async with self._db.session() as session:
            return await put(session, text)

    async def get(self, ref: str) -> str:
        """The text behind a reference. Raises BlobMissing."""
        texts = await self.get_all([ref])
        if ref not in texts:
            raise BlobMissing(f"no text is stored under {ref!r}; was it put into another store (FARM_STORE_URL)?")
        return texts[ref]

    async def get_all(self, refs: Iterable[str]) -> dict[str, str]:
        """Texts by reference, in one query; what isn't stored is left out."""
        async with self._db.reading() as session:
            rows = await session.execute(select(BlobRow.ref, BlobRow.body).where(BlobRow.ref.in_(set(refs))))
            return {ref: decoded(zlib.decompress(body)) for ref, body in rows}


async def put(session: AsyncSession, text: str) -> str:
    """Keep a text as a part of a transaction that keeps more."""
    ref = content_hash(text)
    insert = insert_into(session, BlobRow).values(ref=ref, body=zlib.compress(encoded(text)))
    await session.execute(insert.on_conflict_do_nothing())
    return ref
