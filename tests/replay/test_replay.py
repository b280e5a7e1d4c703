"""The code of today repeats the recorded decisions of yesterday, step for step.

After a deploy, every deal and every run in flight is replayed by the new code. These histories stand for them.
"""

import re

import pytest

from ops import replay
from ops.errors import FarmError
from ops.replay import History, from_files, replayed, workflow_name
from tests.replay.changed import DealWithABreath, RunThatReadsLess, RunWithoutTriage
from tests.replay.record import HISTORIES as FOLDER
from tests.replay.scenarios import SCENARIOS

ATTRIBUTES = "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"
HISTORIES = {history.name: history for history in from_files([FOLDER])}


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_recorded_history_replays(name):
    """What was decided then is decided again."""
    result = await replayed(HISTORIES[name])
    if result.problem:
        pytest.fail(result.lesson(), pytrace=False)


@pytest.mark.parametrize(
    ("name", "changed", "where"),
    [
        ("approved-run", RunWithoutTriage, "ACTIVITY_TASK_SCHEDULED call_model"),
        ("skipped-run", RunWithoutTriage, "ACTIVITY_TASK_SCHEDULED call_model"),
        ("rejected-run", RunThatReadsLess, ATTRIBUTES),
        ("approved-deal", DealWithABreath, "TIMER_STARTED"),
    ],
)
async def test_a_changed_workflow_is_caught(name, changed, where):
    """The guard isn't vacuous: code that takes another path fails on the history, and is told where."""
    result = await replayed(HISTORIES[name], changed)
    assert "Nondeterminism" in result.problem
    assert re.search(rf"Recorded there, from event \d+: .*{where}", result.lesson())


async def test_the_failure_teaches():
    """Which history, which event of it, what that means, and the command for recording it anew."""
    text = (await replayed(HISTORIES["approved-run"], RunWithoutTriage)).lesson()
    for words in (
        "approved-run: the workflow code no longer repeats",
        "Nondeterminism",
        "Recorded there, from event ",
        "workflow.patched(",
        "python -m tests.replay.record approved\n",
    ):
        assert words in text


async def test_a_real_run_is_not_recorded_again():
    """For a history from Temporal the advice is another: it can't be recorded, it has to end."""
    real = History("sales:deal:42/run-1", HISTORIES["approved-run"].document, recorded=False)
    text = (await replayed(real, RunWithoutTriage)).lesson()
    assert "tests.replay.record" not in text
    assert "An open one has to end on the\n  old code" in text


async def test_a_workflow_that_is_gone_is_named():
    """A history whose workflow no agent has any more isn't passed over."""
    assert (
        "no agent has a workflow 'SalesRun' any more"
        in (await replayed(HISTORIES["skipped-run"], DealWithABreath)).problem
    )


@pytest.mark.parametrize("text", ["", "{}", '{"events": []}', '{"events": [{"eventId": "1"}]}'])
def test_what_is_no_history_is_named(tmp_path, text):
    """The file, not a stack trace."""
    (tmp_path / "wrong.json").write_text(text)
    with pytest.raises(FarmError, match=r"wrong\.json is no workflow's history"):
        from_files([tmp_path])


def test_an_empty_folder_proves_nothing(tmp_path):
    """Nothing to replay is no success."""
    with pytest.raises(FarmError, match="no history to replay"):
        from_files([tmp_path])


def events(name: str) -> list[dict]:
    return HISTORIES[name].events


def test_every_workflow_has_histories():
    """No agent goes to production without a recorded life."""
    wanted = {workflow_name(kind) for kind in replay.todays_workflows()}
    assert {history.started["workflowType"]["name"] for history in HISTORIES.values()} == wanted, (
        "add a scenario, and: python -m tests.replay.record"
    )


def test_every_scenario_is_recorded():
    """A scenario without its files guards nothing."""
    assert HISTORIES.keys() == {f"{name}-{part}" for name, its in SCENARIOS.items() for part in its.parts}


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("approved-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("skipped-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("rejected-run", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
        ("batched-later", "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"),
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
