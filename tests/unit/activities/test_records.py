"""The farm's own records are written by activities."""

import json
from datetime import UTC, datetime

import pytest

from activities.records import RecordActivities
from contracts.approvals import ApprovalRecord, Edit
from contracts.calls import RunRecord
from store.approvals import Approvals
from store.blobs import Blobs
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


async def test_an_edit_is_checked_by_the_run_s_own_tools(db, env):
    """By the definitions that the run was given, whatever its servers say today."""
    schema = {"type": "object", "required": ["to"]}
    toolset = await Blobs(db).put(json.dumps([{"name": "crm__send_mail", "input_schema": schema}]))
    check = RecordActivities(db).check_edit
    assert (await env.run(check, Edit(tool="crm__send_mail", toolset=toolset, arguments={"to": "x"}))).flaw == ""
    told = await env.run(check, Edit(tool="crm__send_mail", toolset=toolset, arguments={"cc": "x"}))
    assert told.flaw == "'to' is a required property"


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"$ref": "#/nowhere"}])
async def test_an_edit_that_cannot_be_checked_does_not_count(db, env, schema):
    """A server's broken schema is told, and isn't tried for ever."""
    toolset = await Blobs(db).put(json.dumps([{"name": "crm__send_mail", "input_schema": schema}]))
    told = await env.run(
        RecordActivities(db).check_edit, Edit(tool="crm__send_mail", toolset=toolset, arguments={"to": "x"})
    )
    assert "approve or reject" in told.flaw


async def test_an_edit_without_stored_tools_does_not_count(db, env):
    """Nothing says what the tool takes."""
    told = await env.run(RecordActivities(db).check_edit, Edit(tool="crm__send_mail", toolset="a" * 32, arguments={}))
    assert "no longer stored" in told.flaw
