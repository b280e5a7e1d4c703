"""The prompt cache, and the usage figures that it leads to.

As documented at https://platform.claude.com/docs/en/build-with-claude/prompt-caching: at most four
breakpoints, the longer TTL first, a prefix of at least so many tokens (by model), a hit found by looking back at
most 20 blocks from a breakpoint, and a lifetime that each hit renews. Another answer format loses the cache of
system prompt and messages, another tool choice or thinking that of the messages.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.model.canonical import canonical
from sandbox.model.errors import bad_request
from sandbox.model.tokens import Segment, Ttl, segments

SHORTEST_PREFIX = 1024
SHORTEST_BY_MODEL = {"haiku": 4096, "opus": 4096, "sonnet-4-6": 2048}
"""By a part of the model's name. Of models that aren't documented yet: what the last one of their family has."""

MOST_BREAKPOINTS = 4
LOOK_BACK = 20
SWEEP_ABOVE = 10_000
LIFETIME: dict[Ttl, float] = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True)
class PromptUsage:
    """Input tokens of one request, in disjoint counts."""

    uncached: int
    read: int
    written_5m: int
    written_1h: int

    def rendered(self, output_tokens: int, tier: str = "standard") -> dict[str, Any]:
        """The vendor's `usage` object."""
        return {
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "output_tokens": output_tokens,
            "service_tier": tier,
        }


@dataclass(frozen=True)
class _Mark:
    """A place in the prompt: the hash and the length of everything up to it."""

    prefix: str
    tokens: int
    breakpoint: Ttl | None


@dataclass
class PrefixCache:
    """Prefixes seen lately. `clock` gives seconds."""

    clock: Callable[[], float]
    _expires: dict[str, float] = field(default_factory=dict)
    _lifetimes: dict[str, float] = field(default_factory=dict)

    def account(self, body: Mapping[str, Any]) -> PromptUsage:
        """Count a request's input, reading from the cache and writing to it.

        Raises `VendorError` (400) for more than four breakpoints or a 5m one ahead of a 1h one.
        """
        marks, shortest = _marks(body), _shortest(str(body.get("model")))
        places = [index for index, mark in enumerate(marks) if mark.breakpoint]
        _refuse_misplaced([marks[index].breakpoint for index in places])
        hit = self._longest_hit(marks, places)
        read = marks[hit].tokens if hit is not None else 0
        written: dict[Ttl, int] = {"5m": 0, "1h": 0}
        covered = read
        for mark in (marks[index] for index in places):
            if mark.breakpoint and mark.tokens >= shortest:
                self._remember(mark.prefix, LIFETIME[mark.breakpoint])
                written[mark.breakpoint] += max(0, mark.tokens - covered)
                covered = max(covered, mark.tokens)
        total = marks[-1].tokens if marks else 0
        return PromptUsage(total - covered, read, written["5m"], written["1h"])

    def _longest_hit(self, marks: Sequence[_Mark], places: Sequence[int]) -> int | None:
        for place in reversed(places):
            for index in range(place, max(-1, place - LOOK_BACK - 1), -1):
                if self._expires.get(marks[index].prefix, 0.0) > self.clock():
                    self._remember(marks[index].prefix, self._lifetimes[marks[index].prefix])
                    return index
        return None

    def _remember(self, prefix: str, lifetime: float) -> None:
        if len(self._expires) > SWEEP_ABOVE:
            self._expires = {key: end for key, end in self._expires.items() if end > self.clock()}
            self._lifetimes = {key: self._lifetimes[key] for key in self._expires}
        self._lifetimes[prefix] = lifetime
        self._expires[prefix] = self.clock() + lifetime


def _shortest(model: str) -> int:
    return next((tokens for name, tokens in SHORTEST_BY_MODEL.items() if name in model), SHORTEST_PREFIX)


def _marks(body: Mapping[str, Any]) -> list[_Mark]:
    running, tokens, marks, place = hashlib.sha256(str(body.get("model")).encode()), 0, [], 0
    for piece in segments(body):
        while place < _place(piece):  # what decides the next part without being in it
            place += 1
            running.update(canonical([body.get(name) for name in _DECIDED_BY[place]]).encode())
        running.update(piece.content.encode())
        tokens += piece.tokens
        marks.append(_Mark(running.hexdigest(), tokens, piece.breakpoint))
    return marks


_PLACES = {"tool": 0, "system": 1}
_MESSAGES = 2
_DECIDED_BY = ((), ("output_config", "output_format"), ("tool_choice", "thinking"))


def _place(piece: Segment) -> int:
    return _PLACES.get(piece.content.partition(":")[0], _MESSAGES)


def _refuse_misplaced(ttls: Sequence[Ttl | None]) -> None:
    if len(ttls) > MOST_BREAKPOINTS:
        raise bad_request(
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. Found {len(ttls)}."
        )
    if "5m" in ttls and "1h" in ttls[ttls.index("5m") :]:
        raise bad_request("cache_control: a ttl='1h' block must not come after a ttl='5m' block")
