"""When requests that wait are submitted, and when a batch is looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.agents import Batching
from contracts.batches import CollectorState
from contracts.calls import CallSite
from workflows.batch.window import Window, next_look

NINE = datetime(2026, 11, 27, 9, tzinfo=UTC)
HOW = Batching(quiet=timedelta(minutes=2), longest=timedelta(minutes=15), most=3)


def site(number: int) -> CallSite:
    return CallSite(run=f"sales:deal:{number}/run-1", step="learn-1")


def after(**span: float) -> datetime:
    return NINE + timedelta(**span)


def test_nothing_is_never_due():
    """An empty window sets no timer."""
    assert Window().due_at(HOW) is None


def test_each_request_moves_the_end_and_not_beyond_the_longest_wait():
    """Quiet counts from the last, the longest wait from the first."""
    window = Window()
    window.put(site(1), NINE)
    assert window.due_at(HOW) == after(minutes=2)
    window.put(site(2), after(minutes=1))
    assert window.due_at(HOW) == after(minutes=3)
    window.last_at = after(minutes=14)
    assert window.due_at(HOW) == after(minutes=15)


def test_the_same_request_counts_once_and_moves_nothing():
    """A signal delivered again is no news."""
    window = Window()
    window.put(site(1), NINE)
    window.put(site(1), after(minutes=1))
    assert (window.count, window.due_at(HOW)) == (1, after(minutes=2))


def test_a_full_window_is_due_at_once():
    """What was found on record counts with the rest."""
    window = Window()
    window.find(2, NINE)
    assert window.due_at(HOW) == after(minutes=2)
    window.put(site(1), after(minutes=1))
    assert window.due_at(HOW) <= after(minutes=1)


def test_a_window_goes_over_into_a_new_history():
    """With what waits, since when."""
    state = CollectorState(agent="sales", waiting=(site(1),), found=1, first_at=NINE, last_at=after(minutes=1))
    window = Window.carried(state)
    assert (window.count, window.due_at(HOW)) == (2, after(minutes=3))


@pytest.mark.parametrize(("looks", "minutes"), [(0, 2), (1, 4), (2, 8), (3, 10), (200, 10)])
def test_the_looks_become_seldom(looks, minutes):
    """Doubling from the quiet time, to ten minutes."""
    assert next_look(HOW, looks, NINE) == after(minutes=minutes)


def test_an_impatient_setting_still_leaves_a_second():
    """Or a collector would do nothing else."""
    assert next_look(HOW.model_copy(update={"quiet": timedelta(0)}), 0, NINE) == after(seconds=1)
