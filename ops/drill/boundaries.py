"""Where a worker is killed: the boundaries of a run, each a place at which a crash could lose or repeat something."""

from enum import StrEnum
from zlib import crc32


class Boundary(StrEnum):
    """In the order in which a run meets them. The value is what the report says."""

    IN_TASK = "in a workflow task"
    BEFORE_MODEL = "before a model call"
    DURING_MODEL = "while the model thinks"
    AFTER_MODEL = "after the vendor answered, before the record"
    BEFORE_EFFECT = "after the journal, before the effect"
    DURING_EFFECT = "during an effect"
    AFTER_EFFECT = "between effect and journal"
    IN_BATCH = "in the middle of a tool batch"
    BEFORE_TEMPORAL = "after the record, before Temporal knows"
    WAITING = "while waiting for approval"
    DECIDING = "as the decision arrives"
    ROTATING = "before continue-as-new"
    ROTATED = "after continue-as-new"
    ANY = "at any moment, from outside"


# Of a hundred steps that meet a boundary, how many may be killed there. What a run meets often is thinned, so that not
# the first step of each is always the one; what it meets once is always good.
CHANCES = {
    Boundary.IN_TASK: 8,
    Boundary.BEFORE_MODEL: 25,
    Boundary.DURING_MODEL: 25,
    Boundary.AFTER_MODEL: 25,
    Boundary.BEFORE_EFFECT: 25,
    Boundary.DURING_EFFECT: 40,
    Boundary.AFTER_EFFECT: 25,
    Boundary.BEFORE_TEMPORAL: 12,
}


def may_strike(boundary: Boundary, run: str, step: str) -> bool:
    """Whether this step may be killed at this boundary: the same on every attempt of it."""
    return crc32(f"{boundary}|{run}|{step}".encode()) % 100 < CHANCES.get(boundary, 100)
