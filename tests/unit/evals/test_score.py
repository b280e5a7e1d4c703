"""Scores, and when they are too low."""

import pytest

from evals.cases import load
from evals.score import Baseline, BaselineError, Marks, load_baseline, score, shortfalls

CASES = load()
RIGHT = {case.id: case.expected for case in CASES}
ALL = Marks(accuracy=1, recall_act=1, recall_skip=1, hard=1)


def test_all_right_is_one_everywhere():
    """Expected verdicts give full marks and nothing wrong."""
    result = score(CASES, RIGHT)
    assert result.marks == ALL
    assert result.wrong == ()


def test_always_act_finds_every_act_and_no_skip():
    """The two recalls tell apart what accuracy mixes."""
    marks = score(CASES, dict.fromkeys(RIGHT, "act")).marks
    assert (marks.recall_act, marks.recall_skip) == (1, 0)


def test_a_missing_answer_is_a_wrong_one():
    """A case that a tool left out counts, and stands among the wrong ones with nothing said."""
    first, *_ = RIGHT
    result = score(CASES, {key: value for key, value in RIGHT.items() if key != first})
    assert [(wrong.case.id, wrong.said) for wrong in result.wrong] == [(first, "")]
    assert result.marks.accuracy == pytest.approx(39 / 40)


def test_what_is_below_is_named():
    """Only marks below the least are told, with both figures."""
    lines = shortfalls(ALL.model_copy(update={"hard": 0.5}), ALL)
    assert lines == ("hard is 50.00%, and must be 100.00%",)


def test_a_model_is_held_to_its_own_marks_or_the_floor():
    """A measured model has its own baseline; any other has the floor."""
    floor = ALL.model_copy(update={"accuracy": 0.5})
    baseline = Baseline(floor=floor, measured={"m": ALL})
    assert baseline.for_model("m") == (ALL, "measured")
    assert baseline.for_model("other") == (floor, "floor")


def test_the_committed_baseline_reads():
    """The file in the repository is a baseline, and knows the stand-in."""
    assert any(model.startswith("sandbox-rules/") for model in load_baseline().measured)


def test_a_broken_baseline_is_named(tmp_path):
    """A figure that is no share is refused with the file and the field."""
    file = tmp_path / "baseline.json"
    file.write_text('{"floor": {"accuracy": 90}}')
    with pytest.raises(BaselineError, match=r"(?s)baseline\.json.*floor\.accuracy"):
        load_baseline(file)
