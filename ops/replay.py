"""Recorded histories against today's code: does it still ask for the same things, in the same order?

The test of `tests/replay/` and `./farm replay` both replay by this.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from contracts.converter import data_converter
from contracts.names import FORK_PREFIX
from ops.errors import FarmError
from ops.places import ROOT
from workers.workflow_code import agent_workflows, sandbox
from workflows.batch.collector import FarmCollector
from workflows.registry import AGENTS

RECORDED = ROOT / "tests" / "replay" / "histories"

# The SDK's error is its core's whole failure, printed; the message within is what a person needs.
MESSAGE = re.compile(r'message: "(?P<message>(?:[^"\\]|\\.)*)"')
COMPLETED = "EVENT_TYPE_WORKFLOW_TASK_COMPLETED"

LESSON = """
{name}: the workflow code no longer repeats what is recorded.

What broke: {problem}
{where}
What it means: a run in flight was begun by the code of before. After a deploy the new code replays its history and
has to ask for the same activities, timers, signals and child workflows, with the same ids, in the same order. It
doesn't, so every such run, and every deal that waits for its next event, would stop at its next step.

What to do:
- The change was not meant: undo it. Iterating over a set, the wall clock, random and a setting read in a workflow
  are the usual causes.
- The change was meant: keep the old way for old runs with `workflow.patched("what-changed")`, and both replay
  (https://docs.temporal.io/develop/python/versioning).
- {anew}
"""
RECORD_ANEW = """No run of the old code is left anywhere (the farm was never deployed, or was drained): record anew, and
  commit:
      python -m tests.replay.record {scenario}"""
LET_END = """This history is of a real run. A closed one that doesn't replay does no harm. An open one has to end on the
  old code: keep workers of its version until it has (./farm deploy status shows which are still needed). Where workers
  have no version, terminate it and send its events again."""


@dataclass(frozen=True)
class History:
    """One recorded history, and where it is from. `recorded`: a file of ours, which can be recorded again."""

    name: str
    document: dict[str, Any]
    recorded: bool = True

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(self.document["events"])

    @property
    def started(self) -> dict[str, Any]:
        return dict(self.events[0]["workflowExecutionStartedEventAttributes"])


@dataclass(frozen=True)
class Replayed:
    """What came of a replay. `problem` is empty where the code repeats the history."""

    history: History
    problem: str = ""
    decision: int | None = None
    """The event (a workflow task's end) behind which stands what the code doesn't repeat."""

    def lesson(self) -> str:
        """What a person needs who has to mend it."""
        scenario = self.history.name.rpartition("-")[0]
        anew = RECORD_ANEW.format(scenario=scenario) if self.history.recorded else LET_END
        return LESSON.format(name=self.history.name, problem=self.problem, where=self._where(), anew=anew)

    def _where(self) -> str:
        """What is recorded of the decision: all that was asked for in one workflow task."""
        asked = [each for each in self.history.events if _decided_in(each) == self.decision]
        if not asked:
            return ""
        return f"\nRecorded there, from event {asked[0]['eventId']}: {', '.join(map(told, asked))}\n"


def told(event: dict[str, Any]) -> str:
    """One event in words: `ACTIVITY_TASK_SCHEDULED call_model`."""
    kind = str(event["eventType"]).removeprefix("EVENT_TYPE_")
    attributes: dict[str, Any] = next((value for key, value in event.items() if key.endswith("Attributes")), {})
    names = [attributes.get(key, {}).get("name", "") for key in ("activityType", "workflowType")]
    return " ".join(filter(None, [kind, *names, attributes.get("signalName", "")]))


async def replayed(history: History, *changed: type) -> Replayed:
    """Replay a history with the code of today, or with `changed` workflows in its place."""
    workflows = changed or todays_workflows()
    known = {workflow_name(kind) for kind in workflows}
    kind = str(history.started["workflowType"]["name"])
    if kind not in known:
        return Replayed(history, f"no agent has a workflow {kind!r} any more; there are: {', '.join(sorted(known))}")
    replayer = Replayer(workflows=workflows, workflow_runner=sandbox(), data_converter=data_converter)
    problem = await _problem(replayer, history, len(history.events))
    return Replayed(history, problem, await _stumbled_at(replayer, history)) if problem else Replayed(history)


async def _problem(replayer: Replayer, history: History, events: int) -> str:
    """What the code says against the first so many events; empty where it repeats them."""
    document = {**history.document, "events": history.events[:events]}
    workflow_id = history.started.get("workflowId") or history.name
    result = await replayer.replay_workflow(
        WorkflowHistory.from_json(workflow_id, document), raise_on_replay_failure=False
    )
    said = str(result.replay_failure or "")
    found = MESSAGE.search(said)
    return found["message"] if found else said


async def _stumbled_at(replayer: Replayer, history: History) -> int | None:
    """The SDK doesn't always say where. Of the recorded decisions, the first that isn't repeated is looked for."""
    decided = [number for number, each in enumerate(history.events) if each["eventType"] == COMPLETED]
    # Up to which event each decision goes, with all that was recorded because of it.
    ends = [*decided[1:], len(history.events)]
    good, bad = -1, len(ends) - 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if await _problem(replayer, history, ends[middle]):
            bad = middle
        else:
            good = middle
    return int(history.events[decided[bad]]["eventId"]) if decided else None


def _decided_in(event: dict[str, Any]) -> int | None:
    return next(
        (
            int(value["workflowTaskCompletedEventId"])
            for key, value in event.items()
            if key.endswith("Attributes") and "workflowTaskCompletedEventId" in value
        ),
        None,
    )


def todays_workflows(agent: str = "") -> Sequence[type]:
    """Every workflow of an agent, or of all; and the one that all agents have."""
    its = [kind for spec in AGENTS if agent in ("", spec.name) for kind in agent_workflows(spec.name)]
    return [*its, FarmCollector]


def workflow_name(kind: type) -> str:
    """The name that a workflow has in Temporal."""
    return str(workflow._Definition.must_from_class(kind).name)  # noqa: SLF001  the SDK has no other way to ask


def from_files(paths: Iterable[Path]) -> list[History]:
    """Histories as `temporal workflow show --output json` writes them. FarmError names what is none."""
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    if not files:
        raise FarmError("no history to replay", "A history is a JSON file: temporal workflow show --output json.")
    return [_from_file(file) for file in files]


def _from_file(file: Path) -> History:
    try:
        history = History(file.stem, json.loads(file.read_text("utf-8")), recorded=file.resolve().parent == RECORDED)
        assert history.started["workflowType"]["name"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise FarmError(f"{file} is no workflow's history: {type(error).__name__}: {error}") from error
    return history


async def from_temporal(client: Client, agent: str, limit: int) -> AsyncIterator[History]:
    """Histories of real workflows, open and closed, the latest first. Forks are left out: they are no one's work."""
    names = " OR ".join(f'WorkflowType="{workflow_name(kind)}"' for kind in todays_workflows(agent))
    found = 0
    async for each in client.list_workflows(names):
        if each.id.startswith(FORK_PREFIX):
            continue
        handle = client.get_workflow_handle(each.id, run_id=each.run_id)
        history = await handle.fetch_history()
        yield History(each.id, history.to_json_dict(), recorded=False)
        found += 1
        if found == limit:
            return
