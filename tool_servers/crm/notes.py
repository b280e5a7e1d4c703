"""Notes of a deal: v1, the vendor has no v2 of them."""

from collections.abc import AsyncIterator

from contracts.fingerprints import note_created
from contracts.marks import mark
from tool_servers.announcing import Announcer
from tool_servers.crm.pipedrive import Json, Pipedrive
from tool_servers.crm.texts import to_html, to_text

MOST = 30


async def search(crm: Pipedrive, deal_id: int, query: str) -> Json:
    """The deal's notes that have every word of `query` in them, newest first, at most `MOST`."""
    words = query.casefold().split()
    found = [_view(n) async for n in _newest_first(crm, deal_id) if _has(words, n["content"])]
    return {"notes": found[:MOST], "total": len(found)}


async def add(crm: Pipedrive, announced: Announcer, deal_id: int, content: str, key: str) -> Json:
    async with announced(note_created(deal_id, mark(key))):
        note = await crm.post("/v1/notes", {"deal_id": deal_id, "content": to_html(content, key)})
    return _written(note)


async def find(crm: Pipedrive, deal_id: int, key: str) -> Json | None:
    """The note that was written under this effect key, where it is there."""
    wanted = mark(key)
    async for note in _newest_first(crm, deal_id):
        if wanted in note["content"]:
            return _written(note)
    return None


def _newest_first(crm: Pipedrive, deal_id: int) -> AsyncIterator[Json]:
    return crm.each_v1("/v1/notes", deal_id=deal_id, sort="add_time DESC")


def _has(words: list[str], content: str) -> bool:
    text = to_text(content).casefold()
    return all(word in text for word in words)


def _view(note: Json) -> Json:
    author = (note.get("user") or {}).get("name")
    return {"id": note["id"], "author": author, "timestamp": note["add_time"], "content": to_text(note["content"])}


def _written(note: Json) -> Json:
    return {"note_id": note["id"], "deal_id": note["deal_id"], "timestamp": note["add_time"]}
