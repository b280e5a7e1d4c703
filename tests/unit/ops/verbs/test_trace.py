"""`./farm trace --verify`, on a real store with a row altered by hand."""

import json

import pytest
from sqlalchemy import update

from contracts.calls import ToolReply
from store.blobs import Blobs
from store.database import Database
from store.model_calls import ModelCalls
from store.runs import Runs
from store.tables import BlobRow, TurnRow
from store.tool_calls import ToolCalls
from store.transcripts import Transcripts
from tests.unit.ops.verbs.conftest import Records
from tests.unit.store.samples import NOON, model_call, model_reply, run_record, tool_call

RUN = "sales:deal:42/run-1"
OTHER = "sales:deal:43/run-1"


async def two_runs(db: Database) -> None:
    for run, entity in ((RUN, "deal:42"), (OTHER, "deal:43")):
        await Runs(db).record(run_record(run, entity=entity, status="done"))
        head = await Transcripts(db).append("", [{"role": "user", "content": run}])
        reply = model_reply().model_copy(update={"head": head})
        await ModelCalls(db).record(model_call("triage-1", run), reply, asked="m", latency_s=1, at=NOON)
        result = ToolReply(ref=await Blobs(db).put(f"of {run}"))
        await ToolCalls(db).record(tool_call("triage-1.1", run), result, latency_s=1, at=NOON)


async def alter(db: Database) -> None:
    async with db.session() as session:
        for row in (TurnRow, BlobRow):
            await session.execute(update(row).values(body=b"other"))


@pytest.fixture
def records(on_record: Records) -> Records:
    on_record.do(two_runs)
    return on_record


def test_an_intact_run_verifies(records: Records) -> None:
    """Exit code 0, and a sentence."""
    result = records.farm("trace", "deal:42", "--verify")
    assert (result.exit_code, result.stdout) == (0, "1 run checked: every turn and every text is what was written.\n")


def test_a_break_is_exit_code_1(records: Records) -> None:
    """Told by run, step and turn."""
    records.do(alter)
    result = records.farm("trace", "deal:42", "--verify")
    assert result.exit_code == 1
    assert f"{RUN}  triage-1 (model call 1): its turn of the conversation" in result.stdout
    assert f"{RUN}  triage-1.1: the result of crm.add_note" in result.stdout
    assert "1 run checked: 2 things wrong in 1 of them." in result.stdout


def test_all_verifies_every_run(records: Records) -> None:
    """Whatever stands on record, in JSON too."""
    records.do(alter)
    result = records.farm("trace", "--verify", "--all", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["runs"] == [RUN, OTHER]
    assert {(each["run"], each["step"], each["harm"]) for each in told["faults"]} == {
        (run, step, "altered") for run in (RUN, OTHER) for step in ("triage-1", "triage-1.1")
    }


@pytest.mark.parametrize("words", [(), ("--all",), ("nobody", "--verify")])
def test_what_to_trace_must_be_said(records: Records, words: tuple[str, ...]) -> None:
    """An error that says what to write, and not an empty success."""
    assert "FarmError" in type(records.farm("trace", *words).exception).__name__
