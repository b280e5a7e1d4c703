"""What a drill of the intake comes to, with each fault planted once."""

from dataclasses import replace

import pytest

from ops.drill.intake.evidence import Evidence, Run
from ops.drill.intake.traffic import Letter
from ops.drill.intake.vendor import Posted
from ops.drill.intake.verdict import IntakeVerdict, verdict


def news(number: int, deal: int = 7, outcome: str = "accepted", **cost: int) -> Posted:
    return Posted(Letter("news", b"{}", f"e{number}", deal), outcome, **cost)


def run(number: int, *events: str, deal: int = 7, status: str = "done") -> Run:
    return Run(f"sales:deal:{deal}/run-{number}", f"deal:{deal}", number, status, events)


GARBAGE = Letter("garbage", b"{")
WELL = Evidence(
    posted=(
        news(1),
        news(2, outcome="spooled", put_off=1),
        news(3, deal=8, outcome="duplicate", cut=1),
        news(4),
        Posted(Letter("again", b"{}", "e1", 7), "duplicate"),
        Posted(GARBAGE, "refused"),
        Posted(GARBAGE, "quarantined"),
    ),
    runs=(run(1, "e1", "e2"), run(2, "e4"), run(1, "e3", deal=8)),
    door={"e1": ("accepted",), "e2": ("spooled", "accepted"), "e3": ("accepted",), "e4": ("accepted",)},
    spooled=1,
    waiting=0,
    quarantined=1,
)


def given(seen: Evidence) -> IntakeVerdict:
    return verdict(seen, kills=3, outage_s=60.0, drain_s=4.0, took_s=200.0)


def test_what_is_well_holds_and_is_counted() -> None:
    """Accepted, spooled, cut off and told as a duplicate: each in one run, in order."""
    found = given(WELL)
    assert (found.verdict, found.wrong) == ("held", ())
    assert (found.sent, found.accepted, found.delivered, found.duplicates) == (7, 4, 4, 2)
    assert (found.refused, found.quarantined, found.cut, found.put_off) == (1, 1, 1, 1)
    assert (found.lost, found.twice, found.out_of_order, found.untold) == (0, 0, 0, 0)
    assert (found.spooled, found.runs, found.kills) == (1, 3, 3)


@pytest.mark.parametrize(
    ("fault", "counted"),
    [
        pytest.param({"runs": (run(1, "e1", "e2"), run(1, "e3", deal=8))}, "lost", id="in no run"),
        pytest.param({"runs": (*WELL.runs, run(2, "e3", deal=8))}, "twice", id="in two runs"),
        pytest.param({"runs": (run(1, "e1", "e1", "e2"), *WELL.runs[1:])}, "twice", id="twice in one run"),
        pytest.param({"runs": (run(1, "e2", "e1"), *WELL.runs[1:])}, "out_of_order", id="mixed up within a run"),
        pytest.param(
            {"runs": (run(1, "e4"), run(2, "e1", "e2"), WELL.runs[2])}, "out_of_order", id="mixed up between runs"
        ),
        pytest.param({"door": {**WELL.door, "e1": ("accepted", "accepted")}}, "untold", id="let in twice"),
        pytest.param({"door": {**WELL.door, "e1": ("accepted", "spooled")}}, "untold", id="spooled afterwards"),
    ],
)
def test_a_fault_is_counted(fault: dict[str, object], counted: str) -> None:
    """Under its own name and no other, and the drill has failed."""
    found = given(replace(WELL, **fault))
    assert found.verdict == "failed"
    assert {name for name in ("lost", "twice", "out_of_order", "untold") if getattr(found, name)} == {counted}
    assert (getattr(found, counted), len(found.wrong)) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"posted": (*WELL.posted, Posted(GARBAGE, "accepted"))}, "garbage was answered accepted"),
        ({"posted": (*WELL.posted, Posted(GARBAGE, "quarantined"))}, "2 were told that they are in quarantine"),
        ({"posted": (*WELL.posted, news(9, outcome="refused"))}, "e9 was answered refused"),
        ({"posted": (*WELL.posted, news(9, outcome="quarantined")), "quarantined": 2}, "e9 was answered quarantined"),
        ({"runs": (*WELL.runs, run(3, "e0"))}, "got e0, which nobody sent"),
        ({"runs": (*WELL.runs[:2], run(1, "e3", deal=8, status="failed"))}, "ended as failed"),
        ({"waiting": 1}, "1 events are in the spool still"),
    ],
)
def test_whatever_else_is_wrong_is_said(fault: dict[str, object], words: str) -> None:
    """In a sentence, and the drill has failed."""
    found = given(replace(WELL, **fault))
    assert found.verdict == "failed"
    assert [each for each in found.wrong if words in each]
    assert len(found.wrong) == 1
