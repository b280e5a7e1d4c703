"""Where a fork leaves the record."""

import pytest

from contracts.calls import ModelReply
from ops.errors import FarmError
from ops.fork.cut import cut
from store.past import Past, Thought
from tests.unit.store.samples import minutes, run_record

STEPS = ("triage-1", "orchestrate-1", "orchestrate-2", "orchestrate-summary-1", "orchestrate-4", "learn-1")


def past(*steps: str) -> Past:
    thoughts = {
        ("", step): Thought(step, "r", "m", ModelReply(head="h"), 0.01, minutes(number))
        for number, step in enumerate(steps)
    }
    below = {
        ("/orchestrate-1.2:scout", "scout-1"): Thought("scout-1", "r", "m", ModelReply(head="h"), 0.01, minutes(1.5))
    }
    return Past(run_record(), minutes(0), {}, {**thoughts, **below}, {}, ())


@pytest.mark.parametrize(("at", "turn"), [("0", 0), ("triage-1", 0), ("2", 2), ("orchestrate-2", 2), ("learn-1", 5)])
def test_a_turn_is_named_by_number_or_step(at: str, turn: int) -> None:
    """Counted over the run's own calls, a sub-agent's left out."""
    found = cut(past(*STEPS), at)
    assert (found.turn, found.step) == (turn, STEPS[turn])
    assert found.kept == set(STEPS[:turn])


@pytest.mark.parametrize("at", ["6", "orchestrate-9", "-1", ""])
def test_an_unknown_turn_is_refused(at: str) -> None:
    """With those there are."""
    with pytest.raises(FarmError, match="has no turn") as refused:
        cut(past(*STEPS), at)
    assert "0 (triage-1), 1 (orchestrate-1)" in str(refused.value)


def test_a_run_without_a_turn_is_refused() -> None:
    """It failed before its first call was answered."""
    with pytest.raises(FarmError, match="no model call on record"):
        cut(past(), "0")


@pytest.mark.parametrize(
    ("below", "step", "at", "kept"),
    [
        ("", "triage-1", 0, True),
        ("", "orchestrate-1", 1, True),
        ("", "orchestrate-2", 2, False),
        ("", "orchestrate-1.1", 1.1, True),
        ("", "orchestrate-1.1.ask", 99, True),  # its turn decides, not its time: a question may be open for days
        ("", "orchestrate-2.1", 2.1, False),
        ("", "orchestrate-9.1", None, False),
        ("", "bootstrap-1", 0.5, True),
        ("", "report-1", 5, False),
        ("", "bootstrap-7", None, False),
        ("/orchestrate-1.2:scout", "scout-1", 1.5, True),
        ("/orchestrate-1.2:scout", "read-1", None, True),
        ("/orchestrate-2.2:scout", "scout-1", None, False),
    ],
)
def test_what_was_before_the_turn_is_kept(below: str, step: str, at: float | None, kept: bool) -> None:
    """A tool call and a sub-agent go with the call that wanted them, a step of the agent's own by its time."""
    found = cut(past(*STEPS), "orchestrate-2")
    assert found.keeps(below, step, None if at is None else minutes(at)) is kept


def test_a_call_without_an_answer_failed_then() -> None:
    """orchestrate-3 was asked, was too long, and was summed up: it isn't on record, and isn't asked again."""
    found = cut(past(*STEPS), "learn-1")
    assert found.failed_then("orchestrate-3")
    assert not cut(past(*STEPS), "orchestrate-2").failed_then("orchestrate-3")
    assert not found.failed_then("learn-2")
