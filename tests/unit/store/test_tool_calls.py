from store.database import Database
from store.tool_calls import ToolCalls
from tests.unit.store.samples import NOON, RUN, minutes, tool_call, tool_reply


async def test_a_call_is_on_record_with_its_arguments_and_reply(db: Database) -> None:
    """Reads too."""
    await ToolCalls(db).record(tool_call(content="Appeler mardi"), tool_reply(), latency_s=0.2, at=NOON)
    (row,) = await ToolCalls(db).of_run(RUN)
    assert (row.server, row.tool, row.arguments) == ("crm", "add_note", {"content": "Appeler mardi"})
    assert row.reply["data"] == {"note_id": 7}


async def test_of_several_tries_of_a_step_the_last_stands(db: Database) -> None:
    """Its answer is the one that the run saw."""
    for preview in ("first", "second"):
        await ToolCalls(db).record(tool_call(), tool_reply(preview=preview), latency_s=0.2, at=NOON)
    assert [row.reply["preview"] for row in await ToolCalls(db).of_run(RUN)] == ["second"]


async def test_a_run_has_its_calls_in_order_of_time(db: Database) -> None:
    """Parallel ones as they began."""
    for step, at in (("b", minutes(2)), ("a", minutes(1))):
        await ToolCalls(db).record(tool_call(step), tool_reply(), latency_s=0.2, at=at)
    assert [row.step for row in await ToolCalls(db).of_run(RUN)] == ["a", "b"]
