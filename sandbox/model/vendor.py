"""The stand-in as a whole: one request in, one message out, with everything that a vendor does around it."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.model import messages
from sandbox.model.batches import Batches, Expired
from sandbox.model.calls import Calls
from sandbox.model.chat import reading, rendering
from sandbox.model.chat.prefix_cache import AutomaticCache
from sandbox.model.faults import Faults
from sandbox.model.limits import RateLimit
from sandbox.model.pacing import MODES, Paced
from sandbox.model.rendering import render
from sandbox.model.rules.choose import choose
from sandbox.model.settings import Settings
from sandbox.model.spoiling import spoil
from sandbox.model.tokens import segments
from sandbox.model.usage import PrefixCache, PromptUsage


class Vendor:
    """State of one process: cache, faults, limits, counters, batches. `clock` gives seconds since the epoch."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.faults = Faults()
        self.calls = Calls()
        self.limit = RateLimit(settings.requests_per_minute, clock, settings.window_seconds)
        self.batches = Batches(settings.database, settings.batch_seconds, clock, self.answer_in_batch)
        self._cache = PrefixCache(clock)
        self._automatic_cache = AutomaticCache(clock)
        self._clock = clock

    async def answer(self, body: Any) -> dict[str, Any]:
        """A message for a request.

        Raises `VendorError` for a bad request, a spent limit, or a fault in force, `Spoilt` for an answer that nobody
        can read, and `Paced` for one that comes at the wrong pace.
        """
        self.limit.take()
        conversation = messages.read(body)
        fault = await self.faults.strike(conversation.model)
        usage = self._cache.account(body)
        rule, reply = choose(conversation)
        message = render(conversation, reply, usage, prefix=self.settings.model_prefix)
        if fault and fault.mode in MODES:
            count = partial(self.calls.answered, conversation.model, rule, message["usage"])
            raise Paced(fault.mode, message, fault.delay_ms / 1000, fault.status, count)
        message = spoil(message, fault.mode if fault else "")
        self.calls.answered(conversation.model, rule, message["usage"])
        return message

    async def complete(self, body: Any) -> dict[str, Any]:
        """A chat completion for a request, by the same rules.

        Raises `VendorError` for a bad request, a spent limit, or a fault in force.
        """
        self.limit.take()
        conversation = reading.read(body)
        fault = await self.faults.strike(conversation.model)
        prompt = self._automatic_cache.account(body)
        rule, reply = choose(conversation)
        now = int(self._clock())
        completion = rendering.render(conversation, reply, prompt, prefix=self.settings.model_prefix, created=now)
        if fault and fault.mode == "refuse":
            completion = rendering.refused(completion)
        self.calls.answered(conversation.model, rule, _disjoint(completion["usage"]))
        return completion

    def answer_in_batch(self, body: Any) -> dict[str, Any]:
        """A message for a request in a batch: same rules, no cache.

        Raises `VendorError` for a bad request or a fault in force, and `Expired` where it is told to.
        """
        conversation = messages.read(body)
        if fault := self.faults.take(conversation.model, "in-batch"):
            raise fault.error() or Expired
        rule, reply = choose(conversation)
        usage = PromptUsage(self.count(body), 0, 0, 0)
        message = render(conversation, reply, usage, prefix=self.settings.model_prefix, tier="batch")
        self.calls.answered(conversation.model, rule, message["usage"])
        return message

    def count(self, body: Any) -> int:
        """Input tokens of a request.

        Raises `VendorError` for a bad request.
        """
        messages.read(body, needs_max_tokens=False)
        return sum(segment.tokens for segment in segments(body))


def _disjoint(usage: dict[str, Any]) -> dict[str, int]:
    """Chat completions' figures in the other vendor's terms, for one count of both."""
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    return {
        "input_tokens": usage["prompt_tokens"] - cached,
        "output_tokens": usage["completion_tokens"],
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
    }
