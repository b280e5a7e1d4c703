"""Images and PDFs as content: by their first bytes what they say they are, or refused as the vendors do.

https://platform.claude.com/docs/en/build-with-claude/vision, https://platform.claude.com/docs/en/build-with-claude/pdf-support
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.model.errors import bad_request

BEGINS: Mapping[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "application/pdf": b"%PDF-",
}
KINDS = {"image": "image/", "document": "application/pdf"}


def attached(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What kind each image and each PDF is, tools' results included. Raises `VendorError` (400) for one that isn't."""
    return tuple(_kind(where, block) for where, block in _attachments(messages))


def is_what_it_says(media_type: str, data: str) -> bool:
    """Whether the base64 is of a file that begins as one of its kind does."""
    try:
        return base64.b64decode(data, validate=True).startswith(BEGINS[media_type])
    except (binascii.Error, KeyError):
        return False


def _attachments(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, message in enumerate(messages):
        yield from _within(f"messages.{index}.content", message.get("content"))


def _within(where: str, content: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, block in enumerate(content if isinstance(content, list) else ()):
        if block.get("type") == "tool_result":
            yield from _within(f"{where}.{number}.content", block.get("content"))
        elif block.get("type") in KINDS and (block.get("source") or {}).get("type") == "base64":
            yield f"{where}.{number}.{block['type']}.source.base64", block


def _kind(where: str, block: Mapping[str, Any]) -> str:
    source = block["source"]
    media_type = str(source.get("media_type"))
    if media_type not in BEGINS or not media_type.startswith(KINDS[block["type"]]):
        raise bad_request(f"{where}.media_type: Input should be a kind that is supported")
    if not is_what_it_says(media_type, str(source.get("data"))):
        raise bad_request(f"{where}.data: Could not process {block['type']}: it is no {media_type}")
    return media_type
