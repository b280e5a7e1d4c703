"""Reading what the two tools write."""

import pytest

from evals.answers import verdict
from evals.tools import ToolError, read_inspect, read_promptfoo

GOOD = '{"verdict": "act", "reason": "a mail", "urgency": "normal"}'


@pytest.mark.parametrize(
    ("text", "said"),
    [(GOOD, "act"), ("act", ""), ("", ""), ('{"verdict": "maybe", "reason": "x"}', ""), ('{"verdict": "act"}', "")],
)
def test_a_verdict_counts_only_in_a_valid_answer(text, said):
    """What production would send back to the model is no answer here either."""
    assert verdict(text) == said


def test_promptfoo_results_as_text_as_object_and_as_error():
    """promptfoo gives JSON answers as text or as objects; an error gives no verdict."""
    results = [
        {"vars": {"id": "a"}, "response": {"output": GOOD}},
        {"vars": {"id": "b"}, "response": {"output": {"verdict": "skip", "reason": "label"}}},
        {"vars": {"id": "c"}, "response": {"error": "the gateway answered 529"}},
        {"vars": {"id": "d"}},
    ]
    assert read_promptfoo({"results": {"results": results}}) == {"a": "act", "b": "skip", "c": "", "d": ""}


def test_inspect_samples():
    """Each sample's completion is a verdict; a sample with an error has none."""
    samples = [{"id": "a", "output": {"completion": GOOD}}, {"id": "b", "output": {}}]
    assert read_inspect({"status": "success", "samples": samples}) == {"a": "act", "b": ""}


def test_an_inspect_run_that_failed_is_no_score():
    """Inspect ends with code 0 on a dead gateway; its log's status is what counts."""
    with pytest.raises(ToolError, match="status error: Connection refused"):
        read_inspect({"status": "error", "error": {"message": "Connection refused"}})
