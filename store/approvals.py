"""Approvals: how each stands, and every record of it as it was written."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, or_, select

from contracts.approvals import ApprovalRecord
from store.canonical import canonical, content_hash
from store.database import Database
from store.insert import insert_into
from store.standing import enter
from store.tables import ApprovalHistoryRow, ApprovalRow, RunRow

ENDED = ("skipped", "done", "failed")


class Approvals:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, record: ApprovalRecord) -> None:
        """Enter how an approval stands, and add the record to its history. The same record again changes nothing.

        A late `pending` doesn't take back a decision; asking anew, later than that, counts.
        """
        request, content = record.request, record.model_dump(mode="json")
        row = {name: getattr(request, name) for name in ("id", "workflow_id", "agent", "entity")} | {
            "status": record.status,
            "asked_at": request.asked_at,
            "expires_at": request.expires_at,
            "record": content,
        }
        async with self._db.session() as session:
            entry = insert_into(session, ApprovalHistoryRow).values(
                approval=request.id,
                content=content_hash(canonical(content)),
                record=content,
                recorded_at=datetime.now(UTC),
            )
            await session.execute(entry.on_conflict_do_nothing())
            insert = insert_into(session, ApprovalRow).values(row)
            anew = insert.excluded.asked_at > ApprovalRow.asked_at
            forward = or_(ApprovalRow.status == "pending", insert.excluded.status != "pending", anew)
            await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=row, where=forward))
            await enter(session, record)

    async def get(self, id: str) -> ApprovalRecord | None:  # noqa: A002 - it is what an approval's name is called
        """One approval as it stands."""
        found = await self._find(ApprovalRow.id == id)
        return found[0] if found else None

    async def pending(self) -> Sequence[ApprovalRecord]:
        """What waits for a person, the longest-waiting first. A run that ended, however it ended, waits no more."""
        over = exists().where(RunRow.run == ApprovalRow.workflow_id, RunRow.status.in_(ENDED))
        return await self._find((ApprovalRow.status == "pending") & ~over)

    async def of_run(self, run: str) -> Sequence[ApprovalRecord]:
        """What a run asked, oldest first. `run`: its workflow id."""
        return await self._find(ApprovalRow.workflow_id == run)

    async def history(self, id: str) -> Sequence[ApprovalRecord]:  # noqa: A002
        """Every record of one approval, in the order they were written."""
        async with self._db.reading() as session:
            rows = await session.scalars(
                select(ApprovalHistoryRow.record)
                .where(ApprovalHistoryRow.approval == id)
                .order_by(ApprovalHistoryRow.number)
            )
            return [ApprovalRecord.model_validate(record) for record in rows]

    async def _find(self, condition: ColumnElement[bool]) -> Sequence[ApprovalRecord]:
        async with self._db.reading() as session:
            rows = await session.scalars(select(ApprovalRow.record).where(condition).order_by(ApprovalRow.asked_at))
            return [ApprovalRecord.model_validate(record) for record in rows]
