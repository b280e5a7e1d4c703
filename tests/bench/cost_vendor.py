"""A vendor for the cost benchmark: it bills as the sandbox's vendor does, and answers with as many words as it is told.

It stands at the network's place behind the farm's own client, and says in the headers what the gateway says there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2

from gateway.prices.price_list import PriceList, own_prices
from sandbox.model import messages
from sandbox.model.canonical import without
from sandbox.model.tokens import CHARACTERS_A_TOKEN, estimate
from sandbox.model.usage import PrefixCache

HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-4-5"
PRICES = PriceList(
    own_prices(
        f"""
        [[price]]
        model = "{HAIKU}"
        from = 2026-01-01
        input = 1.0
        output = 5.0
        cache_read = 0.1
        cache_write = 1.25
        cache_write_1h = 2.0
        batch = 0.5

        [[price]]
        model = "{SONNET}"
        from = 2026-01-01
        input = 3.0
        output = 15.0
        cache_read = 0.3
        cache_write = 3.75
        cache_write_1h = 6.0
        batch = 0.5
        """
    ),
    {},
    "",
)
DAY = date(2026, 11, 27)


@dataclass
class Clock:
    """Seconds, moved by hand: the time between two events isn't waited for."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class BillingVendor:
    """`models`: role -> model. `caches`: False takes the requests' breakpoints out, as whoever sets none sends them.

    `words`: role -> tokens of its answer. A conversation with tools calls one until it has had `turns - 1` results.
    """

    models: Mapping[str, str]
    words: Mapping[str, int]
    caches: bool = True
    turns: int = 1
    clock: Clock = field(default_factory=Clock)
    _cache: PrefixCache = field(init=False)

    def __post_init__(self) -> None:
        self._cache = PrefixCache(self.clock)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        asked: dict[str, Any] = json.loads(request.content)
        role, model = asked["model"], self.models[asked["model"]]
        body = {**asked, "model": model} if self.caches else without({**asked, "model": model}, "cache_control")
        messages.read(body)  # refuses what the vendor refuses
        content = self._content(role, body)
        usage = self._cache.account(body).rendered(sum(map(_tokens, content)))
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": "tool_use" if content[-1]["type"] == "tool_use" else "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }
        return httpx2.Response(200, json=message, headers=_headers(model))

    def _content(self, role: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        turn = sum(message["role"] == "assistant" for message in body["messages"]) + 1
        turns = self.turns if body.get("tools") else 1
        text = {"type": "text", "text": words(self.words[role] // turns, f"answer {turn}")}
        if turn >= turns:
            return [text]
        use = {"type": "tool_use", "id": f"toolu_{turn}", "name": body["tools"][0]["name"], "input": {}}
        return [text, use]


def words(tokens: int, about: str) -> str:
    """A text of so many tokens, as the sandbox's vendor counts them, another one for each `about`."""
    return (f"{about}. " * tokens)[: tokens * CHARACTERS_A_TOKEN]


def _tokens(block: Mapping[str, Any]) -> int:
    # a tool call's few tokens are left out, so that an answer has the length that was said
    return estimate(block["text"]) if block["type"] == "text" else 0


def _headers(model: str) -> dict[str, str]:
    return {
        "x-litellm-model-name": f"anthropic/{model}",
        "x-farm-answered-by": model,
        "x-farm-rates": json.dumps(PRICES.rates(model, DAY)),
    }
