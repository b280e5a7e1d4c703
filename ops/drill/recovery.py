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
        cut = {each.run for each in steps if each.pid == kill.pid and each.begun <= kill.at and not _ended(each, kill)}
        for run in sorted(cut | ({kill.run} if kill.run else set())):
            after = [each.done - kill.at for each in steps if each.run == run and each.done and each.done > kill.at]
            if after:
                found.append(min(after))
    return found


def returns(back: float, steps: Sequence[Step]) -> list[float]:
    """Seconds from a part's return to the next step done, for each run that had begun by then and went on after it."""
    began = {each.run for each in steps if each.begun <= back}
    after: dict[str, float] = {}
    for each in steps:
        if each.run in began and each.done is not None and each.done > back:
            after[each.run] = min(after.get(each.run, each.done), each.done)
    return [done - back for done in after.values()]


def _ended(step: Step, kill: Kill) -> bool:
    return step.done is not None and step.done <= kill.at


def summary(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and longest; zeros where there was none."""
    return (round(median(seconds), 1), round(max(seconds), 1)) if seconds else (0.0, 0.0)
