"""The breakpoints that the client sets, against the vendor's rules: what a turn reads is what the one before left."""

from typing import Any

import pytest

from gateway.calls.call import Block, Call
from gateway.calls.request import parameters
from sandbox.model.usage import PrefixCache, PromptUsage

SYSTEM = "You plan. " * 600
TOOL = {"name": "t", "description": "Look. " * 100, "input_schema": {"type": "object"}}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Vendor:
    """The vendor's cache, asked as the client asks."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._cache = PrefixCache(self.clock)

    def ask(self, *messages: Block, **more: Any) -> PromptUsage:
        call = Call(role="orchestrator", system=SYSTEM, messages=messages, tools=(TOOL,), call_id="c", **more)
        return self._cache.account({**parameters(call), "model": "sonnet"})


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def says(role: str, *texts: str) -> Block:
    return {"role": role, "content": [{"type": "text", "text": text * 100} for text in texts]}


def turn(number: int, uses: int) -> tuple[Block, Block]:
    """The model calls so many tools at once, and is given what they found."""
    ids = [f"{number}-{use}" for use in range(uses)]
    asked = [{"type": "tool_use", "id": each, "name": "t", "input": {"of": each}} for each in ids]
    found = [{"type": "tool_result", "tool_use_id": each, "content": f"found {each} " * 30} for each in ids]
    return {"role": "assistant", "content": asked}, {"role": "user", "content": found}


def kept(usage: PromptUsage) -> int:
    return usage.read + usage.written_5m + usage.written_1h


@pytest.mark.parametrize("uses", [1, 15], ids=["a few blocks on", "thirty blocks on"])
def test_a_turn_reads_all_that_the_one_before_left(vendor: Vendor, uses: int) -> None:
    """Also where the turn has more blocks than the vendor looks back."""
    conversation = [says("user", "The client wrote. ")]
    before = kept(vendor.ask(*conversation))
    for number in range(3):
        conversation += turn(number, uses)
        usage = vendor.ask(*conversation)
        assert usage.read == before
        assert usage.uncached == 0
        before = kept(usage)


def test_after_a_summary_the_opening_is_read(vendor: Vendor) -> None:
    """It stands word for word ahead of the summary, and in the cache."""
    opening = says("user", "The client wrote. ")
    first = vendor.ask(opening)
    vendor.ask(opening, *turn(1, 2))
    usage = vendor.ask(opening, says("assistant", "Summary of what came after. "), says("user", "Go on from there. "))
    assert usage.read == kept(first)


def test_the_last_answer_writes_nothing_that_nobody_reads(vendor: Vendor) -> None:
    """It may call no tool, with which the vendor loses the conversation: the header alone is read."""
    opening = says("user", "The client wrote. ")
    vendor.ask(opening)
    usage = vendor.ask(opening, *turn(1, 2), may_use_tools=False)
    assert usage.read > len(SYSTEM) // 5
    assert kept(usage) == usage.read


@pytest.mark.parametrize(("ttl", "reads"), [("5m", False), ("1h", True)])
def test_an_hour_keeps_the_header_over_a_quiet_time(vendor: Vendor, ttl: str, reads: bool) -> None:
    """For a role that is asked every ten minutes."""
    vendor.ask(says("user", "One. "), cache_ttl=ttl)
    vendor.clock.now += 600
    assert (vendor.ask(says("user", "Two. "), cache_ttl=ttl).read > 0) is reads
