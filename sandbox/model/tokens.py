"""How long a request is, in tokens, and where its cache breakpoints stand.

The estimate is one token for every four characters begun, of text as it stands and of anything else as
JSON. No tokenizer says so; it is near the English average, always the same, and easy to check by hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.model.canonical import canonical, without

CHARACTERS_A_TOKEN = 4

Ttl = Literal["5m", "1h"]


@dataclass(frozen=True)
class Segment:
    """A piece of the prompt that a breakpoint can stand behind: a tool, a system block, a message's block."""

    content: str
    tokens: int
    breakpoint: Ttl | None


def estimate(text: str) -> int:
    """Tokens in a text."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


def segments(body: Mapping[str, Any]) -> list[Segment]:
    """The prompt in the vendor's caching order: tools, system, messages."""
    pieces = [_segment("tool", tool) for tool in body.get("tools") or []]
    pieces += [_segment("system", block) for block in _blocks(body.get("system") or [])]
    for message in body.get("messages") or []:
        pieces += [_segment(message["role"], block) for block in _blocks(message["content"])]
    if body.get("cache_control") and pieces:
        last = pieces[-1]
        pieces[-1] = Segment(last.content, last.tokens, _ttl(body["cache_control"]))
    return pieces


def _blocks(content: str | list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from [{"type": "text", "text": content}] if isinstance(content, str) else content


def _segment(part: str, block: Mapping[str, Any]) -> Segment:
    bare = without(block, "cache_control")
    written = canonical(bare)
    spoken = str(bare["text"]) if bare.get("type") == "text" else written
    return Segment(f"{part}:{written}", estimate(spoken), _ttl(block.get("cache_control")))


def _ttl(marker: Mapping[str, Any] | None) -> Ttl | None:
    if not marker:
        return None
    return "1h" if marker.get("ttl") == "1h" else "5m"
