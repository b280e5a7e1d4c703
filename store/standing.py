"""Standing consents: given with a decision, looked up before a question, taken back by anybody at any time."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.approvals import ApprovalRecord
from contracts.names import FORK_PREFIX
from contracts.standing import StandingConsent, WantedCall
from store.database import Database
from store.insert import insert_into
from store.tables import StandingConsentRow


async def enter(session: AsyncSession, record: ApprovalRecord) -> None:
    """Enter what an approval says of further calls, if it does. The same approval again changes nothing."""
    request, decision = record.request, record.decision
    # What is decided in a fork is decided of nothing real.
    if decision is None or decision.always is None or record.status != "approved" or _in_a_fork(request.workflow_id):
        return
    row = {
        "approval": request.id,
        "agent": request.agent,
        "entity": request.entity if decision.always.scope == "entity" else "",
        "tool": request.tool,
        "rule": request.rule,
        "until": decision.always.until,
        "by": decision.by,
        "channel": decision.channel,
        "given_at": record.decided_at,
        "revoked_by": "",
    }
    await session.execute(insert_into(session, StandingConsentRow).values(row).on_conflict_do_nothing())


class StandingConsents:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, call: WantedCall) -> StandingConsent | None:
        """What holds for a call now: the consent that holds the longest."""
        row = StandingConsentRow
        about = (row.agent == call.agent, row.tool == call.tool, row.rule == call.rule)
        found = await self._holding(*about, row.entity.in_((call.entity, "")))
        return found[-1] if found else None

    async def holding(self) -> Sequence[StandingConsent]:
        """All that hold, the first to end first."""
        return await self._holding()

    async def revoke(self, approval: str, by: str) -> StandingConsent | None:
        """Take one back, from the next call on. None where none of that name holds."""
        now, row = datetime.now(UTC), StandingConsentRow
        mine = update(row).where(row.approval == approval, row.revoked_at.is_(None), row.until >= now.date())
        async with self._db.session() as session:
            taken = await session.scalars(mine.values(revoked_at=now, revoked_by=by).returning(row))
            found = taken.one_or_none()
            return _consent(found) if found else None

    async def _holding(self, *conditions: ColumnElement[bool]) -> Sequence[StandingConsent]:
        row = StandingConsentRow
        query = select(row).where(row.revoked_at.is_(None), row.until >= datetime.now(UTC).date(), *conditions)
        async with self._db.reading() as session:
            return [_consent(each) for each in await session.scalars(query.order_by(row.until, row.given_at))]


def _in_a_fork(workflow_id: str) -> bool:
    return workflow_id.startswith(FORK_PREFIX)


def _consent(row: StandingConsentRow) -> StandingConsent:
    return StandingConsent.model_validate({name: getattr(row, name) for name in StandingConsent.model_fields})
