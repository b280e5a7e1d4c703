"""A vendor for the cost benchmark: it bills as the sandbox's vendor does, and answers with as many words as it is told.

It stands at the network's place behind the farm's own client, and says in the headers what the gateway says there. Its
batches are the sandbox's, behind the gateway's pass-through.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import httpx2

from gateway.prices.price_list import PriceList, as_table_entry, own_prices
from sandbox.model import messages
from sandbox.model.batches import Batches
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
BATCHES = "/anthropic/v1/messages/batches"
BATCH_TAKES_S = 3600.0
"""The vendor's take minutes to hours."""


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand: the time between two events isn't waited for."""

    now: float = datetime.combine(DAY, time(), UTC).timestamp()

    def __call__(self) -> float:
        return self.now

    def moment(self) -> datetime:
        """The same for who reads dates."""
        return datetime.fromtimestamp(self.now, UTC)


@dataclass
class BillingVendor:
    """`models`: role -> model. `caches`: False takes the requests' breakpoints out, as whoever sets none sends them.

    `words`: role -> tokens of its answer. A conversation with tools calls one until it has had `turns - 1` results.
    `in_batches`: the role whose requests come in batches, where a request names its model alone.
    """

    models: Mapping[str, str]
    words: Mapping[str, int]
    caches: bool = True
    turns: int = 1
    in_batches: str = "insight"
    clock: Clock = field(default_factory=Clock)
    _cache: PrefixCache = field(init=False)
    _batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self._cache = PrefixCache(self.clock)
        self._batches = Batches(":memory:", BATCH_TAKES_S, self.clock, self._in_batch)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/model/info":
            return httpx2.Response(200, json={"data": [_listed(role, model) for role, model in self.models.items()]})
        if path.startswith(BATCHES):
            return self._of_batches(path, request.content)
        asked: dict[str, Any] = json.loads(request.content)
        model = self.models[asked["model"]]
        return httpx2.Response(200, json=self._message(asked["model"], {**asked, "model": model}), headers=_told(model))

    def _of_batches(self, path: str, sent: bytes) -> httpx2.Response:
        """A submission, or a look at one or at its results."""
        if path == BATCHES:
            return httpx2.Response(200, json=self._batches.render(self._batches.create(json.loads(sent)), ""))
        batch = self._batches.get(path.split("/")[5])
        if not path.endswith("/results"):
            return httpx2.Response(200, json=self._batches.render(batch, ""))
        return httpx2.Response(200, text="".join(json.dumps(each) + "\n" for each in self._batches.results(batch)))

    def _in_batch(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._message(self.in_batches, asked)

    def _message(self, role: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        body = dict(asked) if self.caches else without(asked, "cache_control")
        messages.read(body)  # refuses what the vendor refuses
        content = self._content(role, body)
        usage = self._cache.account(body).rendered(sum(map(_tokens, content)))
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "content": content,
            "stop_reason": "tool_use" if content[-1]["type"] == "tool_use" else "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }

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


def _listed(role: str, model: str) -> dict[str, Any]:
    """A role in the gateway's list of models, with its price as LiteLLM has it."""
    price = next(each for each in PRICES.own if each.model == model)
    return {
        "model_name": role,
        "litellm_params": {"model": f"anthropic/{model}"},
        "model_info": as_table_entry(price),
    }


def _told(model: str) -> dict[str, str]:
    return {
        "x-litellm-model-name": f"anthropic/{model}",
        "x-farm-answered-by": model,
        "x-farm-rates": json.dumps(PRICES.rates(model, DAY)),
    }
