"""Counters for tests: what the stand-in was asked, and what it answered."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

TOKENS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Calls:
    """Counts since the start or the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again at nothing."""
        self._by_model: Counter[str] = Counter()
        self._by_rule: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()

    def answered(self, model: str, rule: str, usage: Mapping[str, Any]) -> None:
        """Note one answer."""
        self._by_model[model] += 1
        self._by_rule[rule] += 1
        self._tokens.update({name: usage[name] for name in TOKENS})

    def refused(self, status: int | str) -> None:
        """Note one error, by its status, or an answer that was spoilt, by how."""
        self._refused[str(status)] += 1

    def figures(self) -> dict[str, Any]:
        """All counts, as JSON."""
        return {
            "calls": self._by_model.total(),
            "by_model": dict(self._by_model),
            "by_rule": dict(self._by_rule),
            "refused": dict(self._refused),
            "tokens": {name: self._tokens[name] for name in TOKENS},
        }
