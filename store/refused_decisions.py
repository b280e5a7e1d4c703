"""Decisions that didn't count, and why: who wanted what, of which question, by which way."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from contracts.approvals import Decision
from contracts.frozen import Frozen
from store.database import Database
from store.insert import insert_into
from store.tables import RefusedDecisionRow


class RefusedDecision(Frozen):
    """A decision that was refused."""

    run: str
    """The run that asks, by its workflow id, as the decision named it."""

    approval: str
    by: str
    channel: str
    verdict: str
    reason: str
    """What whoever decided was told."""

    at: datetime


class RefusedDecisions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, run: str, decision: Decision, reason: str, at: datetime) -> None:
        """Enter a refusal."""
        row = {
            "run": run,
            "approval": decision.approval,
            "by": decision.by,
            "channel": decision.channel,
            "verdict": decision.verdict.value,
            "reason": reason,
            "at": at,
        }
        async with self._db.session() as session:
            await session.execute(insert_into(session, RefusedDecisionRow).values(row))

    async def of_run(self, run: str) -> Sequence[RefusedDecision]:
        """What was refused of a run's questions, oldest first."""
        async with self._db.reading() as session:
            query = select(RefusedDecisionRow).where(RefusedDecisionRow.run == run).order_by(RefusedDecisionRow.number)
            return [_refused(row) for row in await session.scalars(query)]


def _refused(row: RefusedDecisionRow) -> RefusedDecision:
    return RefusedDecision.model_validate({name: getattr(row, name) for name in RefusedDecision.model_fields})
