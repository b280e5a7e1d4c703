import base64
import hashlib

import pytest
from sqlalchemy import delete, func, select

from store.blobs import Blobs
from store.canonical import content_hash
from store.database import Database
from store.errors import BlobMissing
from store.tables import BlobRow


async def test_a_text_comes_back_by_its_hash(db: Database) -> None:
    """The reference is the beginning of the text's SHA-256, whoever computes it."""
    ref = await Blobs(db).put("Chauffage connecté")
    digest = hashlib.sha256("Chauffage connecté".encode()).digest()
    assert base64.urlsafe_b64decode(ref) == digest[:24]
    assert await Blobs(db).get(ref) == "Chauffage connecté"


async def test_a_text_put_twice_is_kept_once(db: Database) -> None:
    """Putting is idempotent."""
    assert await Blobs(db).put("same") == await Blobs(db).put("same")


@pytest.mark.parametrize("text", ["", "a\x00b", "half an emoji \ud83d", "x" * 1_000_000])
async def test_any_text_comes_back_as_it_was(db: Database, text: str) -> None:
    """Nothing that a tool or model sends is too strange to keep."""
    assert await Blobs(db).get(await Blobs(db).put(text)) == text


async def test_a_missing_text_says_what_is_missing(db: Database) -> None:
    """The error names the reference."""
    with pytest.raises(BlobMissing, match="no text is stored under 'ffff'"):
        await Blobs(db).get("ffff")


async def test_several_texts_come_at_once(db: Database) -> None:
    """Those that aren't stored are left out."""
    one, two = await Blobs(db).put("one"), await Blobs(db).put("two")
    assert await Blobs(db).get_all([one, two, "ffff"]) == {one: "one", two: "two"}


async def test_a_text_read_lately_is_not_read_again(db: Database) -> None:
    """A turn's prompt, schema and tools are the last turn's: the store isn't asked for them twice."""
    ref = await Blobs(db).put("Bonjour")
    async with db.session() as session:
        await session.execute(delete(BlobRow))
    assert await Blobs(db).get(ref) == "Bonjour"


async def test_texts_put_together_are_found_by_their_references(db: Database) -> None:
    """One transaction for a whole kit; the same text twice is one."""
    refs = await Blobs(db).put_all(["Bonjour", "Merci", "Bonjour"])
    assert refs == {text: content_hash(text) for text in ("Bonjour", "Merci")}
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BlobRow)) == 2
