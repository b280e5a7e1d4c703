"""The code of today repeats the recorded decisions of yesterday, step for step.

After a deploy, every deal and every run in flight is replayed by the new code. These histories stand for them.
"""

import json
import re
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from contracts.converter import data_converter
from tests.replay.changed import DealWithABreath, RunThatReadsLess, RunWithoutTriage
from tests.replay.scenarios import SCENARIOS
from workers.workflow_code import agent_workflows, sandbox
from workflows.registry import AGENTS

HISTORIES = {file.stem: file for file in sorted((Path(__file__).parent / "histories").glob("*.json"))}

# The SDK's error is its core's whole failure, printed; the message within is what a person needs.
MESSAGE = re.compile(r'message: "(?P<message>(?:[^"\\]|\\.)*)"')

LESSON = """
{name}: the workflow code no longer repeats what is recorded.

What broke: {problem}

What it means: a run in flight was begun by the code of before. After a deploy the new code replays its history and
has to ask for the same activities, timers, signals and child workflows, with the same ids, in the same order. It
doesn't, so every such run, and every deal that waits for its next event, would stop at its next step.

What to do:
- The change was not meant: undo it. Iterating over a set, the wall clock, random and a setting read in a workflow
  are the usual causes.
- The change was meant: keep the old way for old runs with `workflow.patched("what-changed")`, and both replay
  (https://docs.temporal.io/develop/python/versioning).
- No run of the old code is left anywhere (the farm was never deployed, or was drained): record anew, and commit:
      python -m tests.replay.record {scenario}
"""


async def problem_of(name: str, *changed: type) -> str:
    """What the replay of a recorded history stumbles over; empty where it doesn't."""
    history = WorkflowHistory.from_json(started(name)["workflowId"], json.loads(HISTORIES[name].read_text("utf-8")))
    workflows = changed or [kind for spec in AGENTS for kind in agent_workflows(spec.name)]
    replayer = Replayer(workflows=workflows, workflow_runner=sandbox(), data_converter=data_converter)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    told = str(result.replay_failure or "")
    found = MESSAGE.search(told)
    return found["message"] if found else told


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_recorded_history_replays(name):
    """What was decided then is decided again."""
    problem = await problem_of(name)
    if problem:
        pytest.fail(LESSON.format(name=name, problem=problem, scenario=name.partition("-")[0]), pytrace=False)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("approved-run", RunWithoutTriage),
        ("skipped-run", RunWithoutTriage),
        ("rejected-run", RunThatReadsLess),
        ("approved-deal", DealWithABreath),
    ],
)
async def test_a_changed_workflow_is_caught(name, changed):
    """The guard isn't vacuous: code that takes another path fails on the history, and is told where."""
    assert "Nondeterminism" in await problem_of(name, changed)


def events(name: str) -> list[dict]:
    return json.loads(HISTORIES[name].read_text("utf-8"))["events"]


def started(name: str) -> dict:
    return events(name)[0]["workflowExecutionStartedEventAttributes"]


def test_every_workflow_has_histories():
    """No agent goes to production without a recorded life."""
    wanted = {workflow._Definition.must_from_class(kind).name for spec in AGENTS for kind in agent_workflows(spec.name)}
    assert {started(name)["workflowType"]["name"] for name in HISTORIES} == wanted, (
        "add a scenario, and: python -m tests.replay.record"
    )


def test_every_scenario_is_recorded():
    """A scenario without its two files guards nothing."""
    assert HISTORIES.keys() == {f"{name}-{part}" for name in SCENARIOS for part in ("deal", "run")}


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("approved-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("skipped-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("rejected-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("skipped-deal", "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW"),
    ],
)
def test_the_recordings_go_to_the_end(name, end):
    """A recording that stopped early would replay and prove little."""
    assert events(name)[-1]["eventType"] == end


@pytest.mark.parametrize("name", HISTORIES)
def test_a_recording_names_no_machine(name):
    """Neither the process nor the folder it was made in."""
    texts = list(strings(events(name)))
    assert [text for text in texts if "@vm" in text or text.startswith(("/", 'File "'))] == []
    assert {event.get("identity", "recorder") for event in inner(events(name))} <= {"recorder", ""}


def inner(value):
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inner(part)


def strings(value):
    for each in inner(value):
        yield from (text for text in each.values() if isinstance(text, str))
