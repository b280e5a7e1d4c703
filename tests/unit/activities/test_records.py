"""The farm's own records are written by activities."""

from datetime import UTC, datetime

from activities.records import RecordActivities
from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from store.approvals import Approvals
from store.runs import Runs
from tests.unit.workflows.samples import request

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_a_run_is_written_down(db, env):
    """Its row is there to be read, and says how it stands now."""
    record = RunRecord(run="r", agent="sales", entity="deal:42", status="running", phase="triage", at=NOON)
    records = RecordActivities(db)
    await env.run(records.record_run, record)
    await env.run(records.record_run, record.model_copy(update={"status": "done", "phase": "done"}))
    read = await Runs(db).get("r")
    assert read is not None
    assert (read.status, read.phase) == ("done", "done")


async def test_an_approval_is_written_down_once(db, env):
    """A write that is delivered again changes nothing."""
    records = RecordActivities(db)
    for _ in range(2):
        await env.run(records.record_approval, ApprovalRecord(request=request()))
    assert [each.request for each in await Approvals(db).pending()] == [request()]
