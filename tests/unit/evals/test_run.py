"""What `./farm eval` says of a score."""

import io

import httpx
import pytest
from rich.console import Console

from evals.cases import load
from evals.run import BELOW, BROKEN, HELD, Settings, judge, main
from evals.score import score

CASES = load()
RIGHT = {case.id: case.expected for case in CASES}


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=200)


def said(console):
    return console.file.getvalue()


def test_full_marks_hold_any_baseline(console):
    """A perfect score passes, and a real model's is told without a caveat."""
    assert judge(console, "some-model", {"promptfoo": score(CASES, RIGHT)}) == HELD
    assert "not a language model" not in said(console)


def test_below_the_floor_fails_and_names_the_cases(console):
    """A score below the floor is a failure, with the wrong cases and the marks that fell."""
    assert judge(console, "some-model", {"inspect": score(CASES, dict.fromkeys(RIGHT, "act"))}) == BELOW
    assert "fr-labels-only should be skip (inspect: act)" in said(console)
    assert "recall_skip is 0.00%" in said(console)


def test_one_tool_below_is_enough(console):
    """Both tools have to hold the baseline."""
    scores = {"promptfoo": score(CASES, RIGHT), "inspect": score(CASES, {})}
    assert judge(console, "some-model", scores) == BELOW


def test_the_stand_ins_score_is_labelled(console):
    """With the stand-in the output says that the score proves the plumbing alone."""
    judge(console, "sandbox-rules/claude-haiku-5-5", {"promptfoo": score(CASES, RIGHT)})
    assert "rules, not a language model" in said(console)
    assert "proves the plumbing alone" in said(console)


def test_no_gateway_is_told(monkeypatch, capsys):
    """Without a gateway the run ends with its own code, and says where it looked and what to do."""

    def refuse(*_, **__):
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(httpx, "post", refuse)
    assert main(settings=Settings(FARM_GATEWAY_URL="http://127.0.0.1:1")) == BROKEN
    told = capsys.readouterr().out
    assert "no gateway at http://127.0.0.1:1/v1/messages" in told
    assert "./farm up" in told
