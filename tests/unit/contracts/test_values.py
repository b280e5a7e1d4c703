"""What the values at the boundary refuse, and what they let be left out."""

import pytest
from pydantic import ValidationError

from contracts.approvals import Decision
from contracts.calls import CallSite, Usage
from contracts.events import EntityRef, Event

EVENT = {"id": "e1", "source": "slack", "kind": "message", "entity": {"kind": "deal", "id": "42"}}


def test_a_value_cannot_be_changed():
    """What was sent is what is read."""
    with pytest.raises(ValidationError, match="frozen"):
        EntityRef(kind="deal", id="42").id = "43"


def test_a_misspelt_field_is_an_error():
    """A decision typed by hand says what it means, or is refused."""
    with pytest.raises(ValidationError, match="aproval"):
        Decision.model_validate({"aproval": "a1", "verdict": "approve"})


def test_a_moment_without_a_time_zone_is_refused():
    """Events from two sources can always be put in order."""
    with pytest.raises(ValidationError, match="timezone"):
        Event.model_validate({**EVENT, "occurred_at": "2026-03-02T09:00:00"})
    assert Event.model_validate({**EVENT, "occurred_at": "2026-03-02T09:00:00+01:00"})


def test_two_words_decide():
    """The documented input of `temporal workflow signal` is an approval and a verdict, and counts as an operator's."""
    decision = Decision.model_validate_json('{"approval": "a1", "verdict": "approve"}')
    assert (decision.by, decision.channel) == ("operator", "operator")


def test_a_call_of_before_is_read():
    """Histories and journals of before say agent and entity beside the run's name, which says both."""
    before = {"agent": "sales", "entity": "deal:42", "run": "sales:deal:42/run-1", "step": "triage-1"}
    assert CallSite.model_validate(before).in_full() == before


def test_usage_adds_up():
    """Each of the four counts is summed by itself."""
    first = Usage(input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4)
    assert first + Usage(input_tokens=10, output_tokens=20) == Usage(
        input_tokens=11, output_tokens=22, cache_read_tokens=3, cache_write_tokens=4
    )
