"""How long a run stood still."""

from ops.drill.book import Kill, Step
from ops.drill.boundaries import Boundary
from ops.drill.recovery import recoveries, returns, summary

OUTSIDE = Kill(at=100, life=1, boundary=Boundary.ANY, run="", step="")


def step(life: int, run: str, begun: float, ended: float | None, *, done: bool = True) -> Step:
    return Step(life, run, "step", begun, ended, done)


def test_counts_to_the_next_step_done() -> None:
    """From the kill to the first step of the same run that ended well, in whatever process."""
    cut = step(1, "a", 99, None, done=False)
    failed, done, later = step(2, "a", 103, 104, done=False), step(2, "a", 105, 107), step(2, "a", 108, 109)
    assert recoveries([OUTSIDE], [cut, failed, done, later]) == [7]


def test_a_run_with_nothing_in_that_process_is_not_counted() -> None:
    """It stood still for no one: its step had ended, or was another worker's."""
    elsewhere, ended, next_ = step(2, "a", 99, 101), step(1, "b", 90, 95), step(2, "b", 102, 103)
    assert recoveries([OUTSIDE], [elsewhere, ended, next_]) == []


def test_the_run_that_was_aimed_at_counts() -> None:
    """One that waits for a person has no step under way."""
    aimed = Kill(at=100, life=1, boundary=Boundary.WAITING, run="a", step="ask")
    assert recoveries([aimed], [step(2, "a", 110, 112)]) == [12]


def test_after_an_outage_every_run_under_way_counts() -> None:
    """From the part's return to the next step done; a run that began later waited for nothing."""
    steps = [step(1, "a", 50, 60), step(1, "a", 101, 104), step(1, "new", 120, 121)]
    assert returns(100, steps) == [4]


def test_summary_is_median_and_longest() -> None:
    """Zeros where nothing had to recover."""
    assert summary([1, 2, 9]) == (2, 9)
    assert summary([]) == (0, 0)
