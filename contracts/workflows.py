"""Arguments and results of the entity and run workflows: one frozen value in, one out."""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from contracts.agents import Debounce
from contracts.events import EntityRef, Event
from contracts.frozen import Frozen


class FollowUp(Frozen):
    """A date at which an agent wants to look again, and why."""

    at: datetime
    reason: str


class EntityState(Frozen):
    """All that an entity's workflow carries through continue-as-new, as one object."""

    agent: str
    entity: EntityRef
    debounce: Debounce | None = None
    """Set by the starter to override the agent's declaration; None keeps it."""

    pending: tuple[Event, ...] = ()
    seen: tuple[str, ...] = ()
    """Ids of events taken lately, oldest first, so that a re-delivery counts once."""

    rotate_after: int = 100
    """Runs in one history before it is continued as new; sooner where Temporal suggests it."""

    runs: int = 0
    """The number of the last run."""

    tries: dict[str, int] = {}
    """Runs that failed with an event, by its id, for the events that wait for another."""

    follow_up: FollowUp | None = None


class RunInput(Frozen):
    """One run: the events of a window, for one entity."""

    agent: str
    entity: EntityRef
    number: int
    events: tuple[Event, ...]
    follow_up: FollowUp | None = None
    """What is planned already."""


class RunOutcome(Frozen):
    """What a run came to."""

    status: Literal["skipped", "done"]
    reason: str = ""
    follow_up: FollowUp | None = None
    cost_usd: float = 0.0
    report: dict[str, JsonValue] = {}


class EntityStatus(Frozen):
    """Answer of the `status` query of an entity's workflow."""

    entity: str
    pending: int
    runs: int
    running: str = ""
    follow_up: FollowUp | None = None


class EntityWorkflowId(Frozen):
    """Whose next run is asked for."""

    workflow_id: str


class RunNumber(Frozen):
    """The number of a run, counted from 1 over all that is on record."""

    number: int
