"""Which of the kills is due where: every boundary gets its share, and no run is killed for ever. Pure."""

from dataclasses import dataclass

from ops.drill.boundaries import Boundary, may_strike

MOST_OF_A_STEP = 2
MOST_OF_A_RUN = 4

QUIET_S = 10.0
"""After so long without a kill that should have been, one comes from outside."""


@dataclass(frozen=True)
class KillPlan:
    """How many kills, over how many runs, and how far apart."""

    runs: int
    kills: int
    at_once: int
    """Runs that are in flight together."""

    apart_s: float = 1.0

    def so_far(self, finished: int) -> float:
        """How many kills there should have been with so many runs finished: they are spread over the whole drill."""
        return self.kills * min(1.0, (finished + self.at_once / 2) / self.runs)

    def share(self, finished: int) -> float:
        """The same for one boundary, which is met once at least."""
        return max(1.0, round(self.so_far(finished) / len(Boundary)))


@dataclass(frozen=True)
class Tally:
    """What has been killed: in all, at this boundary, of this run, of this step; and when last."""

    total: int
    here: int
    of_run: int
    of_step: int
    since_last_s: float
    finished: int


def is_due(plan: KillPlan, tally: Tally, boundary: Boundary, run: str, step: str) -> bool:
    """Whether a worker that has come to this boundary with this step shall die now."""
    in_plan = tally.total < plan.so_far(tally.finished)
    # Not only towards the end: the last runs may have passed what the others left out.
    left_out = plan.kills > 0 and tally.here == 0
    return (
        may_strike(boundary, run, step)
        and (in_plan or left_out)
        and tally.here < plan.share(tally.finished)
        and tally.of_run < MOST_OF_A_RUN
        and tally.of_step < MOST_OF_A_STEP
        and tally.since_last_s >= plan.apart_s
    )


def is_due_from_outside(plan: KillPlan, tally: Tally) -> bool:
    """Whether some worker shall die at a moment that isn't its choice: its share, and what the boundaries leave."""
    own = tally.here < plan.share(tally.finished) and tally.since_last_s >= plan.apart_s
    return tally.total < plan.so_far(tally.finished) and (own or tally.since_last_s >= QUIET_S)
