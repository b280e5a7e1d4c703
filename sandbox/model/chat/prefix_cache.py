"""This vendor's prompt cache: nobody asks for it, and it costs nothing to write.

As documented at https://platform.openai.com/docs/guides/prompt-caching: the beginning of a prompt that was seen
lately, from 1024 tokens on, in steps of 128. Tools and the answer's schema stand ahead of the messages.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.model.canonical import canonical
from sandbox.model.chat.rendering import Prompt
from sandbox.model.tokens import CHARACTERS_A_TOKEN, estimate

SHORTEST_PREFIX = 1024
STEP = 128
LIFETIME_S = 300.0
"""Of five to ten minutes without use, the shorter."""

SWEEP_ABOVE = 20_000


@dataclass
class AutomaticCache:
    """Prefixes seen lately. `clock` gives seconds."""

    clock: Callable[[], float]
    _expires: dict[str, float] = field(default_factory=dict)

    def account(self, body: Mapping[str, Any]) -> Prompt:
        """How long a request's prompt is, and how much of it was here already. Remembers all of it."""
        prompt = _prompt(body)
        prefixes = _prefixes(prompt)
        now = self.clock()
        hits = [tokens for tokens, name in prefixes if self._expires.get(name, 0.0) > now]
        for _, name in prefixes:
            self._expires[name] = now + LIFETIME_S
        if len(self._expires) > SWEEP_ABOVE:
            self._expires = {name: end for name, end in self._expires.items() if end > now}
        return Prompt(estimate(prompt), max(hits, default=0))


def _prompt(body: Mapping[str, Any]) -> str:
    ahead = [body["model"], body.get("tools") or [], body.get("response_format") or {}]
    return "\n".join(canonical(part) for part in (*ahead, *body["messages"]))


def _prefixes(prompt: str) -> list[tuple[int, str]]:
    """Of each length in steps: the tokens, and a name for what stands in them."""
    running, found, width = hashlib.sha256(), [], STEP * CHARACTERS_A_TOKEN
    for start in range(0, len(prompt) - width + 1, width):
        running.update(prompt[start : start + width].encode())
        tokens = start // CHARACTERS_A_TOKEN + STEP
        if tokens >= SHORTEST_PREFIX:
            found.append((tokens, running.hexdigest()))
    return found
