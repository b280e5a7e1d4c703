import pytest

from store.blobs import Blobs
from store.database import Database
from store.effects import Effects, Ending
from store.errors import UnknownEffect
from store.tool_calls import ToolCalls
from store.tool_results import ToolResults
from tests.unit.store.samples import NOON, RUN, tool_call, tool_reply


async def test_a_result_its_row_and_its_effect_are_kept_together(db: Database) -> None:
    """The text by its reference, the call for the record, the effect as done."""
    await Effects(db).begin("key-1", tool_call())
    kept = await ToolResults(db).keep(tool_call(), "Note 7 added", tool_reply(ref=""), at=NOON, ending=Ending("done"))
    assert await Blobs(db).get(kept.ref) == "Note 7 added"
    (row,) = await ToolCalls(db).of_run(RUN)
    assert row.ref == kept.ref
    assert (await Effects(db).begin("key-1", tool_call())).reply == kept


async def test_all_of_it_or_nothing(db: Database) -> None:
    """An effect that can't be settled leaves no row that says it was done."""
    with pytest.raises(UnknownEffect):
        await ToolResults(db).keep(tool_call(), "x", tool_reply(ref=""), at=NOON, ending=Ending("done"))
    assert await ToolCalls(db).of_run(RUN) == []
