"""How long a run stood still after a kill. Pure."""

from collections.abc import Sequence
from statistics import median

from ops.drill.book import Kill, Step


def recoveries(kills: Sequence[Kill], steps: Sequence[Step]) -> list[float]:
    """Seconds from each kill to the next step done, for each run that the killed worker had in flight.

    In flight: a step of it was begun in that process and not ended, or the kill was aimed at it.
    """
    found = []
    for kill in kills:
        cut = {each.run for each in steps if each.life == kill.life and _under_way(each, kill.at)}
        for run in sorted(cut | ({kill.run} if kill.run else set())):
            after = _next_done(steps, run, kill.at)
            if after is not None:
                found.append(after - kill.at)
    return found


def returns(back: float, steps: Sequence[Step]) -> list[float]:
    """Seconds from a part's return to the next step done, for each run that had begun by then and went on after it."""
    begun = {each.run for each in steps if each.begun <= back}
    return [after - back for run in sorted(begun) if (after := _next_done(steps, run, back)) is not None]


def _next_done(steps: Sequence[Step], run: str, since: float) -> float | None:
    ends = [each.ended for each in steps if each.run == run and each.done and each.ended]
    return min((end for end in ends if end > since), default=None)


def _under_way(step: Step, at: float) -> bool:
    return step.begun <= at and (step.ended is None or step.ended > at)


def summary(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and longest; zeros where there was none."""
    return (round(median(seconds), 1), round(max(seconds), 1)) if seconds else (0.0, 0.0)
