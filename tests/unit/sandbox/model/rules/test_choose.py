"""Which rule answers, and in which form."""

import json
from dataclasses import replace

from sandbox.model.conversation import Conversation, Turn, Wanted
from sandbox.model.rules.choose import SPOILT, choose

SCHEMA = {
    "title": "TriageDecision",
    "properties": {"verdict": {"type": "string"}, "reason": {"type": "string"}},
    "required": ["verdict", "reason"],
}


def asked(*texts, **fields):
    roles = ("user", "assistant")
    turns = tuple(Turn(roles[n % 2], text) for n, text in enumerate(texts))
    return Conversation("m", 100, turns, **{"wanted": Wanted(SCHEMA), **fields})


def test_the_title_chooses_the_rule():
    """A schema's title names the rule, and the document has the schema's keys alone."""
    rule, answer = choose(asked('{"kind": "deal.change", "changes": {"label": [1, 2]}}'))
    assert rule == "triage"
    assert set(answer.document) == {"verdict", "reason"}


def test_an_unknown_schema_gets_the_smallest_document():
    """Without a rule the answer still fits the schema."""
    wanted = Wanted({**SCHEMA, "title": "Something"})
    rule, answer = choose(asked("hello", wanted=wanted))
    assert rule == "fallback"
    assert answer.document == {"verdict": "", "reason": ""}


def test_the_marker_spoils_the_first_answer_alone():
    """A marked conversation gets bad JSON first, and a good answer after the validation error."""
    _, first = choose(asked("hi [[sandbox: bad-json]]"))
    _, second = choose(asked("hi [[sandbox: bad-json]]", SPOILT, "That is a validation error, answer again"))
    assert first.text == SPOILT
    assert json.dumps(second.document)


def test_no_schema_and_no_tool_is_an_echo():
    """A bare question is echoed, with the label."""
    rule, answer = choose(replace(asked("What is the time?"), wanted=None))
    assert rule == "fallback"
    assert answer.text == 'Rules, not a language model. You said: "What is the time?".'
