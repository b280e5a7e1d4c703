"""What an entity had taken and no run will give back: its workflow was terminated, or reset to before it came.

The door's book knows what came in, the record knows what reached a run. What is only in the first, and waits in no
living workflow, becomes a dead letter: as if the entity had been cancelled, which sets its events aside itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from contracts.calls import DEAD_LETTER, RunRecord
from contracts.events import Event
from contracts.names import STATUS, run_workflow_id
from contracts.workflows import EntityStatus
from ops.errors import FarmError
from store.database import Database
from store.dead_letters import DeadLetters
from store.door import Door, DoorEntry
from store.runs import Runs

PATIENCE = timedelta(seconds=15)
"""For the entity's workflow to answer; without a worker it would be waited for without end."""

ENDED_WELL = ("done", "skipped")
NEVER_GIVEN = "The entity's own workflow was terminated or reset before these events had their run"
CUT_OFF = "The run was terminated in {phase}, or its entity before the next attempt. See what it did before a redrive"


@dataclass(frozen=True)
class Entity:
    """`sales:deal:42`."""

    agent: str
    entity: str

    def __str__(self) -> str:
        return f"{self.agent}:{self.entity}"


async def recover(client: Client, db: Database, whose: Entity, since: datetime) -> Sequence[RunRecord]:
    """The dead letters that were made: of runs that were cut off, and of what came to none. FarmError where it can't
    be told yet. Again makes none.
    """
    # The book before the entity: what it lists had reached the workflow by then.
    book = [each for each in await Door(db).of_entity(whose.entity) if each.at >= since]
    living = await _living(client, whose)
    runs = [each for each in await Runs(db).of_entity(whose.entity) if each.agent == whose.agent]
    if living and living.running and living.running not in {each.run for each in runs}:
        raise FarmError(f"{living.running} has only just begun", "Ask again in some seconds.")
    lost = unworked(book, str(whose), runs)
    letters = [_cut_off(each) for each in await _ended_badly(client, db, runs, living, since)]
    if lost:
        letters.append(await _never_given(db, whose, lost))
    for each in letters:
        await Runs(db).record(each)
    return letters


def unworked(book: Sequence[DoorEntry], workflow: str, runs: Collection[RunRecord]) -> list[Event]:
    """What Temporal took for this workflow and no run has, in the order of arrival. Pure."""
    had = {(event["source"], event["id"]) for run in runs for event in run.events}
    came = {each.event.key: each.event for each in book if each.outcome == "accepted" and each.workflow_id == workflow}
    return [event for event in came.values() if (event.source, event.id) not in had]


async def _living(client: Client, whose: Entity) -> EntityStatus | None:
    """How the entity's workflow stands, where it runs. FarmError where it has events in hand that are in no run."""
    handle = client.get_workflow_handle(str(whose))
    if not await _is_open(client, str(whose)):
        return None
    try:
        status: EntityStatus = await handle.query(STATUS, result_type=EntityStatus, rpc_timeout=PATIENCE)
    except RPCError as error:
        raise FarmError(f"{whose} didn't answer: {error.message}", "Does a worker run? ./farm status") from error
    if status.pending:
        raise FarmError(
            f"{whose} is alive, and has events that wait for their run: {status.pending}",
            "They can't be told from lost ones: ask again when that run has begun.",
        )
    return status


async def _ended_badly(
    client: Client, db: Database, runs: Sequence[RunRecord], living: EntityStatus | None, since: datetime
) -> list[RunRecord]:
    """Runs that nobody goes on with, and whose events nobody has set aside."""
    left = [each for each in runs if each.status not in ENDED_WELL and each.events and each.at >= since]
    left = [each for each in left if not (living and living.running == each.run)]
    return [each for each in left if not await DeadLetters(db).get(each.run) and not await _is_open(client, each.run)]


async def _is_open(client: Client, workflow: str) -> bool:
    try:
        found = await client.get_workflow_handle(workflow).describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise FarmError(f"Temporal doesn't tell how {workflow} stands: {error.message}") from error
    return found.status is WorkflowExecutionStatus.RUNNING


def _cut_off(run: RunRecord) -> RunRecord:
    return run.model_copy(
        update={
            "status": "failed",
            "phase": DEAD_LETTER,
            "at": datetime.now(UTC),
            "reason": CUT_OFF.format(phase=run.phase),
        }
    )


async def _never_given(db: Database, whose: Entity, events: Sequence[Event]) -> RunRecord:
    """Under the number of the run that it would have been."""
    return RunRecord(
        run=run_workflow_id(str(whose), await Runs(db).last_number(str(whose)) + 1),
        agent=whose.agent,
        entity=whose.entity,
        status="failed",
        phase=DEAD_LETTER,
        at=datetime.now(UTC),
        reason=NEVER_GIVEN,
        events=tuple(event.model_dump(mode="json") for event in events),
    )
