"""What the tools are given to ask."""

import json

from evals.cases import load
from evals.questions import PROMPT, question, write
from workflows.sales.rules import triage_brief


def test_a_question_is_productions_own():
    """The request holds the prompt file's text, the workflow's rendering and the answer's schema."""
    case = load()[0]
    asked = question(case, PROMPT.read_text())["request"]
    assert asked["model"] == "triage"
    assert asked["system"][0]["text"] == PROMPT.read_text()
    assert asked["messages"][0]["content"][0]["text"] == triage_brief(case.events, case.today)
    assert asked["output_config"]["format"]["schema"]["title"] == "TriageDecision"


def test_the_answer_is_not_in_the_question():
    """Neither the expected verdict nor its reason reaches the model."""
    for case in load():
        assert case.why not in json.dumps(question(case, "prompt")["request"], ensure_ascii=False)


def test_questions_are_written_a_line_each(tmp_path):
    """The file holds one JSON object a case, in order."""
    file = tmp_path / "new" / "questions.jsonl"
    write(load(), file, "prompt")
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == [case.id for case in load()]
