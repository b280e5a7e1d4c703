"""Going on in a new history: a run that grew long starts afresh between two turns, with one object in its hands."""

from temporalio import workflow

from contracts.workflows import RunState, TalkState
from workflows.run.agent_run import AgentRun

ANSWERED_LATE = 50
"""Settled questions that a late click still gets a clear answer about."""

PINNED = 200
"""Facts carried along, the newest."""

LEFT_OUT = "(Earlier facts are on record and not repeated here.)"


def rotate_if_due(run: AgentRun, talk: TalkState) -> None:
    """Continue as new where Temporal suggests it (by events and bytes) and nothing is under way but this talk.

    What runs beside (a message being changed in Slack) is waited for by the next turns.
    """
    if workflow.info().is_continue_as_new_suggested() and _alone(run):
        workflow.continue_as_new(run.job.model_copy(update={"carried": carried(run, talk)}))


def _alone(run: AgentRun) -> bool:
    return (
        run.talks == 1
        and not run.desk.open()
        and not run.meter.lent
        and not run.reins.unrecorded
        and all(aside.done() for aside in run.asides)
    )


def carried(run: AgentRun, talk: TalkState | None) -> RunState:
    """All that the next history needs to know."""
    return RunState(
        kit=run.kit,
        started_at=run.started_at,
        used=run.meter.used,
        steps=run.steps,
        finished=run.finished,
        talk=talk,
        approvals=tuple(run.desk.records.values())[-ANSWERED_LATE:],
        follow_up=run.follow_up,
        called_off=run.called_off,
        steered=tuple(run.reins.steered),
        came=tuple(run.reins.came),
        heard=tuple(run.heard),
        interventions=run.interventions,
        thread=run.thread,
        paused_by=run.reins.paused_by,
        pinned=_shortened(run.pinned),
        models=dict(run.models),
        standbys=dict(run.standbys),
        troubles=tuple(run.troubles),
        read=tuple(run.known.readings),
        tainted=run.known.tainted,
        suspicious=run.known.suspicious,
    )


def _shortened(pinned: list[str]) -> tuple[str, ...]:
    if len(pinned) <= PINNED:
        return tuple(pinned)
    return (LEFT_OUT, *pinned[1 - PINNED :])
