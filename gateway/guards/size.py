"""How big a request is, and whether it may leave. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.failures import Failure
from contracts.guards import Guards
from gateway.calls.call import Call
from gateway.guards.said import SAID

BYTES_PER_TOKEN = 4
"""About what prose has. A vendor's own count isn't to be had without asking it."""

MEGA = 1_000_000


@dataclass(frozen=True)
class Part:
    """Something said in a request, in bytes. `files`: pictures and documents, as they are written in it."""

    name: str
    text: int
    files: int


def too_big(asked: Mapping[str, Any], guards: Guards, call: Call) -> Failure | None:
    """What is wrong with a request's size, what of it is the biggest, and what to do. None where nothing is."""
    its = list(parts(asked))
    tokens, whole = sum(each.text for each in its) // BYTES_PER_TOKEN, sum(each.text + each.files for each in its)
    if tokens > guards.most_tokens:
        most = max(its, key=lambda each: each.text)
        says = f"about {tokens:,} tokens of text, and {{}} may send {guards.most_tokens:,} (guards.most_tokens)"
        biggest = f"{most.name}, {most.text // BYTES_PER_TOKEN:,} tokens"
    elif whole > guards.most_bytes:
        most = max(its, key=lambda each: each.text + each.files)
        says = f"{whole / MEGA:.1f} MB, and {{}} may send {guards.most_bytes / MEGA:.1f} MB (guards.most_bytes)"
        biggest = f"{most.name}, {(most.text + most.files) / MEGA:.1f} MB"
    else:
        return None
    agent = call.tags.get("agent", "") or "its agent"
    return Failure(
        kind="context_too_long",
        message=f"The request {call.call_id} is too big to leave: {says.format(agent)}. The biggest of it: {biggest}. "
        f"Give the model less to read, or raise the limit in workflows/{agent}/agent.py.",
        nothing_done=True,
    )


def parts(asked: Mapping[str, Any]) -> Iterator[Part]:
    """The system prompt, the tools, each message."""
    for name in SAID:
        if name == "messages":
            for number, message in enumerate(asked.get(name, ()), start=1):
                yield Part(f"message {number} ({message['role']})", *_bytes(message))
        elif name in asked:
            yield Part(name, *_bytes(asked[name]))


def _bytes(value: Any) -> tuple[int, int]:
    """Of text, and of files."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass")), 0
    if isinstance(value, dict):
        if value.get("type") == "base64":
            return 0, len(value.get("data") or "")
        return _sum(_bytes(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return _sum(map(_bytes, value))
    return (0 if value is None else len(str(value))), 0


def _sum(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    text = files = 0
    for its_text, its_files in sizes:
        text, files = text + its_text, files + its_files
    return text, files
