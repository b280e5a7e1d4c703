"""The record under which the events of a run that failed, or never was, are kept. Pure."""

from collections.abc import Sequence
from datetime import datetime

from contracts.agents import AgentSpec
from contracts.calls import DEAD_LETTER, RunRecord
from contracts.events import EntityRef, Event

LONGEST_REASON = 500


def failed(
    spec: AgentSpec, entity: EntityRef, run: str, events: Sequence[Event], *, reason: str, at: datetime, dead: bool
) -> RunRecord:
    """`dead`: nobody tries the run again, and its events wait for a person."""
    return RunRecord(
        run=run,
        agent=spec.name,
        entity=str(entity),
        status="failed",
        phase=DEAD_LETTER if dead else "failed",
        at=at,
        reason=reason[:LONGEST_REASON],
        events=tuple(event.model_dump(mode="json") for event in events),
    )
