"""Which events the door let in and no run has."""

import pytest

from contracts.calls import RunRecord
from ops.recovering import unworked
from store.door import DoorEntry
from tests.unit.store.samples import NOON, event, run_record

DEAL = "sales:deal:42"


def entry(name: str, outcome: str = "accepted", workflow: str = DEAL) -> DoorEntry:
    return DoorEntry(event=event(name), outcome=outcome, reason="", agent="sales", workflow_id=workflow, at=NOON)


def run(*names: str) -> RunRecord:
    return run_record(f"{DEAL}/run-1", events=tuple(event(name).model_dump(mode="json") for name in names))


@pytest.mark.parametrize(
    ("book", "runs", "lost"),
    [
        ([], [], []),
        ([entry("a"), entry("b")], [run("a")], ["b"]),
        ([entry("b"), entry("a")], [], ["b", "a"]),
        ([entry("a"), entry("a", "duplicate"), entry("a")], [], ["a"]),
        ([entry("a", "spooled")], [], []),
        ([entry("a", "spooled"), entry("a")], [], ["a"]),
        ([entry("a", "ignored", ""), entry("b", "quarantined")], [], []),
        ([entry("a", workflow="other:deal:42")], [], []),
        ([entry("a")], [run("a"), run("b")], []),
    ],
)
def test_what_temporal_took_and_no_run_has_is_lost(
    book: list[DoorEntry], runs: list[RunRecord], lost: list[str]
) -> None:
    """Once each, in the order of arrival; not what waits in the spool, nor what another agent got."""
    assert [each.id for each in unworked(book, DEAL, runs)] == lost
