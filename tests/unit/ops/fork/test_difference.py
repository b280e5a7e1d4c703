"""Two stories compared: a table of what differs, and what that comes to."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from contracts.calls import ModelReply, ToolUse, Usage
from ops.fork.activities import Told
from ops.fork.cut import Cut
from ops.fork.difference import Difference, difference
from store.story import ModelMoment, Story, ToolMoment
from tests.unit.store.samples import RUN, minutes, run_record

FORK = f"fork-3:{RUN}"
CUT = Cut(1, "orchestrate-1", frozenset({"triage-1"}), frozenset({"orchestrate-1", "orchestrate-2"}), minutes(1))
Moments = Sequence[ModelMoment | ToolMoment]


def thought(step: str, text: str = "", uses: Sequence[tuple[str, dict[str, Any]]] = (), at: float = 2) -> ModelMoment:
    wishes = tuple(ToolUse(id=f"id-{at}-{n}", name=name, arguments=its) for n, (name, its) in enumerate(uses))
    return ModelMoment(
        at=minutes(at), step=step, role="orchestrator", asked="m", model="m", usage=Usage(), cost_usd=0.01,
        latency_s=1, fallback=False, reply=ModelReply(head="h", text=text, tool_uses=wishes),
    )  # fmt: skip


def done(step: str, tool: str = "crm.add_note", at: float = 3, **arguments: Any) -> ToolMoment:
    server, _, name = tool.partition(".")
    return ToolMoment(
        at=minutes(at), step=step, server=server, tool=name, arguments=arguments, effect_key="", is_error=False,
        latency_s=1, result="",
    )  # fmt: skip


def compared(then: Moments, now: Moments, **told: Any) -> Difference:
    def story(run: str, moments: Moments, **changes: Any) -> Story:
        cost = sum(each.cost_usd for each in moments if isinstance(each, ModelMoment))
        record = run_record(run, **{"status": "done", "report": {"headline": "A"}, **changes})
        return Story(run=record, moments=tuple(moments), cost_usd=cost, usage=Usage())

    how = {("", step): answered for step, answered in told.pop("how", {}).items()}
    return difference(story(RUN, then), story(FORK, now, **told), CUT, Told(how=how))


def verdicts(found: Difference) -> list[tuple[str, str, str]]:
    return [(each.step, each.what, each.verdict) for each in found.steps]


TRIAGE = thought("triage-1", "{}", at=0)
CASES: list[tuple[str, Moments, Moments, list[tuple[str, str, str]], bool]] = [
    ("nothing", [TRIAGE], [TRIAGE], [("triage-1", "orchestrator", "kept")], False),
    (
        "the spelling of an answer",
        [thought("orchestrate-1", '{"a": 1, "b": 2}')],
        [thought("orchestrate-1", '{"b":2,"a":1}')],
        [("orchestrate-1", "orchestrator", "same")],
        False,
    ),
    (
        "the vendor's ids of the same wishes",
        [thought("orchestrate-1", uses=[("crm__add_note", {})], at=1)],
        [thought("orchestrate-1", uses=[("crm__add_note", {})], at=2)],
        [("orchestrate-1", "orchestrator", "same")],
        False,
    ),
    (
        "an answer",
        [thought("orchestrate-1", "one")],
        [thought("orchestrate-1", "two")],
        [("orchestrate-1", "orchestrator", "changed")],
        False,
    ),
    (
        "a turn more",
        [thought("orchestrate-1", "x")],
        [thought("orchestrate-1", "x"), thought("orchestrate-2", "y")],
        [("orchestrate-1", "orchestrator", "same"), ("orchestrate-2", "orchestrator", "only_now")],
        False,
    ),
    (
        "a call fewer",
        [done("orchestrate-1.1", content="x")],
        [],
        [("orchestrate-1.1", "crm.add_note", "only_then")],
        True,
    ),
    ("a call more", [], [done("orchestrate-1.1")], [("orchestrate-1.1", "crm.add_note", "only_now")], True),
    (
        "an argument",
        [done("orchestrate-1.1", content="x")],
        [done("orchestrate-1.1", content="y")],
        [("orchestrate-1.1", "crm.add_note", "changed")],
        True,
    ),
    (
        "the place of a call",
        [done("orchestrate-2.1", content="x")],
        [done("orchestrate-1.3", content="x")],
        [("orchestrate-1.3", "crm.add_note", "same")],
        False,
    ),
    (
        "which call is which: the same ones pair first",
        [done("orchestrate-1.1", content="x"), done("orchestrate-1.2", content="y")],
        [done("orchestrate-1.1", content="y"), done("orchestrate-1.2", content="z")],
        [("orchestrate-1.1", "crm.add_note", "same"), ("orchestrate-1.2", "crm.add_note", "changed")],
        True,
    ),
    (
        "the run's own name",
        [done("learn-write", "memory.remember", run=RUN)],
        [done("learn-write", "memory.remember", run=FORK)],
        [("learn-write", "memory.remember", "same")],
        False,
    ),
    (
        "a message to people",
        [done("report-1", "slack.post_message", text="A", blocks=[1])],
        [done("report-1", "slack.post_message", text="B", blocks=[2])],
        [("report-1", "slack.post_message", "changed")],
        False,
    ),
    (
        "a message's layout",
        [done("report-1", "slack.post_message", text="A", blocks=[1])],
        [done("report-1", "slack.post_message", text="A", blocks=[2])],
        [("report-1", "slack.post_message", "same")],
        False,
    ),
    ("how people were asked", [done("orchestrate-1.1.ask", "slack.post_message")], [], [], False),
    (
        "a read before the turn",
        [done("bootstrap-1", "crm.get_deal", at=0.5)],
        [done("bootstrap-1", "crm.get_deal", at=50)],
        [("bootstrap-1", "crm.get_deal", "kept")],
        False,
    ),
]


@pytest.mark.parametrize(
    ("then", "now", "found", "acts"), [each[1:] for each in CASES], ids=[each[0] for each in CASES]
)
def test_what_differs(then: Moments, now: Moments, found: list[tuple[str, str, str]], acts: bool) -> None:
    """Step by step; and whether the run acts otherwise, which wording alone is not."""
    told = compared(then, now)
    assert sorted(verdicts(told)) == sorted(found)
    assert told.acts_otherwise is acts


def test_changed_arguments_are_told() -> None:
    """Only those that differ."""
    told = compared([done("o-1.1", content="x", deal_id=42)], [done("o-1.1", content="y", deal_id=42)])
    (step,) = told.steps
    assert {name: (each.then, each.now) for name, each in step.changed.items()} == {"content": ("x", "y")}


def test_steps_stand_in_order() -> None:
    """A new one behind the one that it followed."""
    then = [TRIAGE, thought("orchestrate-1", "x"), done("report-1", "slack.post_message", at=9)]
    now = [TRIAGE, thought("orchestrate-1", "y"), thought("orchestrate-2", "z", at=4), then[-1]]
    assert [each.step for each in compared(then, now).steps] == [
        "triage-1", "orchestrate-1", "orchestrate-2", "report-1",
    ]  # fmt: skip


def test_another_report_is_told_by_field() -> None:
    """Those that differ, and those that only one has."""
    told = compared([], [], report={"headline": "B", "next_step": "wait"})
    assert {name: (each.then, each.now) for name, each in told.report.items()} == {
        "headline": ("A", "B"),
        "next_step": (None, "wait"),
    }
    assert (told.acts_otherwise, told.reports_otherwise) == (False, True)


def test_another_end_is_another_act() -> None:
    """A run that is skipped now doesn't do what it did."""
    assert compared([], [], status="skipped").acts_otherwise


def test_cost_is_compared_from_the_turn_on() -> None:
    """What was kept costs nothing now, and doesn't count then."""
    kept = TRIAGE.model_copy(update={"cost_usd": 0.0})
    told = compared([TRIAGE, thought("orchestrate-1", "x")], [kept, thought("orchestrate-1", "x"), thought("o-2")])
    assert [told.cost_then_usd, told.cost_now_usd] == pytest.approx([0.01, 0.02])


def test_it_is_told_how_each_was_answered() -> None:
    """From the record, by a read that was made, not at all; in JSON too."""
    now = [done("o-1.1", "crm.get_deal"), done("o-1.2", "crm.add_note"), done("o-1.3", "crm.list_mails")]
    told = compared([], now, how={"o-1.1": "live", "o-1.2": "dry", "o-1.3": "record"})
    assert (told.on_record, told.live_reads, told.dry_writes) == (1, ("o-1.1 crm.get_deal",), ("o-1.2 crm.add_note",))
    assert json.loads(told.model_dump_json())["acts_otherwise"] is True
