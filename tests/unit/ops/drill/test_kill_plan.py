"""When a kill is due."""

from dataclasses import replace

import pytest

from ops.drill.boundaries import Boundary
from ops.drill.kill_plan import (
    MOST_OF_A_RUN,
    MOST_OF_A_STEP,
    QUIET_S,
    KillPlan,
    Tally,
    is_due,
    is_due_from_outside,
)

PLAN = KillPlan(runs=100, kills=280, at_once=10)
NONE_YET = Tally(total=0, here=0, of_run=0, of_step=0, since_last_s=60, finished=0)
ONCE_A_RUN = Boundary.WAITING


def due(tally: Tally) -> bool:
    return is_due(PLAN, tally, ONCE_A_RUN, "sales:deal:1/run-1", "ask")


def test_the_first_who_comes_by_dies() -> None:
    """A boundary that has had none is due at once."""
    assert due(NONE_YET)


@pytest.mark.parametrize(
    "enough",
    [
        {"here": 1},
        {"of_run": MOST_OF_A_RUN},
        {"of_step": MOST_OF_A_STEP},
        {"since_last_s": 0.2},
        {"here": 1, "total": 14},
    ],
    ids=lambda enough: next(reversed(enough)),
)
def test_nobody_is_killed_for_ever(enough: dict[str, float]) -> None:
    """What has had its share so far is left alone: the boundary, the run, the step, the moment, the whole drill."""
    assert not due(replace(NONE_YET, **enough))


def test_the_share_grows_with_what_is_finished() -> None:
    """Kills are spread over the whole drill, and in the end each boundary has had as many as any other."""
    half = replace(NONE_YET, finished=45, here=9, total=100)
    assert due(half)
    assert not due(replace(half, here=10))
    assert PLAN.share(finished=100) == 280 / len(Boundary)


def test_a_boundary_that_was_left_out_is_made_up_for() -> None:
    """It is due even where others have used up the kills, however early: the last runs may have passed it."""
    used_up = replace(NONE_YET, total=280)
    assert due(used_up)
    assert not due(replace(used_up, here=1))


def test_where_no_kill_is_planned_nobody_dies() -> None:
    """As while another part is away."""
    assert not is_due(replace(PLAN, kills=0), replace(NONE_YET, finished=90), ONCE_A_RUN, "run", "ask")
    assert not is_due_from_outside(replace(PLAN, kills=0), NONE_YET)


def test_what_a_run_meets_often_is_thinned() -> None:
    """Of the steps that come by a model call some are spared, so that not always the first one dies."""
    steps = [f"orchestrate-{number}" for number in range(200)]
    struck = [step for step in steps if is_due(PLAN, NONE_YET, Boundary.BEFORE_MODEL, "run", step)]
    assert 20 < len(struck) < 80


def test_outside_kills_take_what_the_boundaries_leave() -> None:
    """Their own share at any time; more only after a while in which nobody died who should have."""
    had_its_share = replace(NONE_YET, here=1, total=1, since_last_s=QUIET_S - 1)
    assert is_due_from_outside(PLAN, NONE_YET)
    assert not is_due_from_outside(PLAN, had_its_share)
    assert is_due_from_outside(PLAN, replace(had_its_share, since_last_s=QUIET_S))
    assert not is_due_from_outside(PLAN, replace(NONE_YET, total=14))
