from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.caching import cache_miss
from contracts.calls import ModelReply, Usage
from store.model_calls import TurnBefore

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
BEFORE = TurnBefore(role="orchestrator", model="sonnet", header="aa", kept_tokens=5000, at=NOON)


def missed(
    read: int = 0,
    before: TurnBefore | None = BEFORE,
    *,
    header: str = "aa",
    model: str = "sonnet",
    role: str = "orchestrator",
    after: timedelta = timedelta(minutes=1),
    on: bool = True,
) -> str:
    reply = ModelReply(head="h", model=model, usage=Usage(cache_read_tokens=read))
    return cache_miss(before, header, reply, role, NOON + after, on=on)


@pytest.mark.parametrize("read", [5000, 6000, 4900], ids=["all", "more", "in steps of 128"])
def test_a_turn_that_read_what_was_there_missed_nothing(read: int) -> None:
    """A vendor that counts in steps may read a little less."""
    assert missed(read) == ""


def test_the_first_turn_has_nothing_to_miss() -> None:
    """Nor has one after a turn that left nothing, or that another role had: it has another model, and cache."""
    assert missed(before=None) == ""
    assert missed(before=BEFORE.model_copy(update={"kept_tokens": 0})) == ""
    assert missed(role="triage") == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"header": "bb"}, "changed"),
        ({"model": "sonnet-of-before"}, "model"),
        ({"after": timedelta(minutes=6)}, "expired"),
        ({"on": False}, "final"),
        ({}, "unexplained"),
        ({"read": 2000}, "unexplained"),
        ({"header": "bb", "after": timedelta(hours=1)}, "changed"),
    ],
    ids=["header", "model", "late", "last turn", "no reason", "the header alone", "two reasons"],
)
def test_a_miss_has_its_reason(changes: dict[str, Any], why: str) -> None:
    """The one that somebody can mend first."""
    assert missed(**changes) == why
