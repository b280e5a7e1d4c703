"""Writing the farm's own records: how a run stands, what a person was asked and said."""

from temporalio import activity

from contracts import names
from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from contracts.workflows import EntityWorkflowId, RunNumber
from store.approvals import Approvals
from store.database import Database
from store.runs import Runs


class RecordActivities:
    """Short writes; the workflow runs them as local activities."""

    def __init__(self, db: Database) -> None:
        self._runs = Runs(db)
        self._approvals = Approvals(db)

    @activity.defn(name=names.RECORD_RUN)
    async def record_run(self, record: RunRecord) -> None:
        await self._runs.record(record)

    @activity.defn(name=names.NEXT_RUN)
    async def next_run(self, entity: EntityWorkflowId) -> RunNumber:
        return RunNumber(number=await self._runs.last_number(entity.workflow_id) + 1)

    @activity.defn(name=names.RECORD_APPROVAL)
    async def record_approval(self, record: ApprovalRecord) -> None:
        await self._approvals.record(record)
