"""A fork's difference as text."""

import io

from rich.console import Console

from ops.fork.difference import Changed, Difference, StepDifference
from ops.fork.telling import line, tell

RUN = "sales:deal:42/run-1"
STEPS = (
    StepDifference(kind="model", step="triage-1", what="triage", verdict="kept", how="record"),
    StepDifference(kind="tool", step="bootstrap-1", what="crm.get_deal", verdict="kept", how="record"),
    StepDifference(
        kind="tool", step="orchestrate-1.1", what="crm.send_mail", verdict="changed", how="dry",
        changed={"body": Changed(then="Bonjour [a]", now="Bonjour Julien")},
    ),
    StepDifference(kind="tool", step="o-1.2", what="crm.add_note", verdict="only_then", then='{"content": "x"}'),
)  # fmt: skip


def found(**changes: object) -> Difference:
    values: dict[str, object] = {
        "fork": f"fork-3:{RUN}", "origin": RUN, "turn": 1, "step": "orchestrate-1", "steps": STEPS,
        "status": Changed(then="done", now="done"), "reason": Changed(), "report": {}, "cost_then_usd": 0.029,
        "cost_now_usd": 0.0016, "on_record": 2, "live_reads": (), "dry_writes": ("orchestrate-1.1 crm.send_mail",),
        "decisions": {}, "warnings": (),
    }  # fmt: skip
    return Difference.model_validate(values | changes)


def told(difference: Difference) -> str:
    to = Console(file=io.StringIO(), width=160)
    tell(difference, to)
    return to.file.getvalue()  # type: ignore[attr-defined]


def test_the_verdict_comes_first() -> None:
    """Which fork, from where, and whether it does the same; then what it cost, and what was not done."""
    text = told(found())
    assert text.startswith(f"fork-3:{RUN}, from turn 1 (orchestrate-1) on: it acts otherwise\n")
    assert (
        "$0.0290 then, $0.0016 now. 2 steps answered from the record, 0 reads really made, 1 writes not done." in text
    )


def test_kept_steps_are_one_line() -> None:
    """What is as it was needs no reading."""
    text = told(found())
    assert "1 model call, 1 tool call" in text
    assert "bootstrap-1" not in text


def test_what_differs_is_shown() -> None:
    """Changed arguments then and now, brackets and all; and what only one of them did."""
    text = told(found())
    assert "body: Bonjour [a] -> Bonjour Julien" in text
    assert 'then: {"content": "x"}' in text


def test_another_end_is_told_with_its_reason() -> None:
    """A fork that failed has no report to compare."""
    text = told(found(status=Changed(then="done", now="failed"), reason=Changed(now="no such model"),
                      report={"headline": Changed(then="A")}))  # fmt: skip
    assert "Ends failed, then done: no such model" in text
    assert "It made no report." in text


def test_one_of_many_is_one_line() -> None:
    """For a glance over last week's runs."""
    same = found(steps=STEPS[:2])
    words = found(steps=STEPS[:2], report={"headline": Changed(then="A", now="B")})
    assert "it does the same" in line(same)
    assert "it acts the same and reports otherwise" in line(words)
    assert "it acts otherwise" in line(found())
    assert line(found(status=Changed(then="done", now="skipped"))).count("done -> skipped") == 1
