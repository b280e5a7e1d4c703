"""Where a fork leaves the record: which steps are answered as they were then, and which are made anew. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from ops.errors import FarmError
from store.past import Past


@dataclass(frozen=True)
class Cut:
    """`turn` counts the run's own model calls from 0: so many of them are kept."""

    turn: int
    step: str
    kept: frozenset[str]
    """Model calls of the run before the turn."""

    anew: frozenset[str]
    """Model calls of the run from the turn on, as they were named then."""

    moment: datetime
    """When the turn was asked then."""

    def keeps(self, below: str, step: str, at: datetime | None) -> bool:
        """Whether a step is answered as it was then. `at`: when it was done then; None where it is not on record.

        A tool call and a sub-agent go with the model call that wanted them; a step of the agent's own by its time.
        """
        own = below.split("/")[1] if below else step
        turn = own.split(".")[0]
        if turn in self.kept or turn in self.anew:
            return turn in self.kept
        return at is not None and at < self.moment

    def failed_then(self, step: str) -> bool:
        """A model call that isn't on record, though a later one of its phase is kept: it got no answer then."""
        phase, number = _numbered(step)
        return step not in self.kept | self.anew and any(
            phase == other and number < later for other, later in map(_numbered, self.kept)
        )


def cut(past: Past, at: str) -> Cut:
    """The cut at a turn, by its number or its step. FarmError names the turns there are."""
    turns = past.turns
    if not turns:
        raise FarmError(f"{past.run.run} has no model call on record: there is no turn to fork it at")
    steps = [turn.step for turn in turns]
    if at.isdecimal() and int(at) < len(steps):
        number = int(at)
    elif at in steps:
        number = steps.index(at)
    else:
        known = ", ".join(f"{number} ({step})" for number, step in enumerate(steps))
        raise FarmError(f"{past.run.run} has no turn {at!r}", f"It has: {known}.")
    kept, anew = frozenset(steps[:number]), frozenset(steps[number:])
    return Cut(number, steps[number], kept, anew, turns[number].at)


def _numbered(step: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.+)-(\d+)", step)
    return (found[1], int(found[2])) if found else (step, 0)
