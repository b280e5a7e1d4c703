"""A record that was changed is found, and told by step and turn. On both databases, by changing real rows."""

import zlib

import pytest
from sqlalchemy import delete, update

from contracts.agents import Kit
from contracts.calls import ModelReply, ToolReply
from store.blobs import Blobs
from store.chain import Turn, packed
from store.database import Database
from store.intact import Fault, faults
from store.kits import Kits
from store.model_calls import ModelCalls
from store.tables import BlobRow, TurnRow
from store.tool_calls import ToolCalls
from store.transcripts import Transcripts
from tests.unit.store.samples import RUN, minutes, model_call, model_reply, tool_call


async def think(db: Database, step: str, parent: str, at: float, run: str = RUN) -> str:
    """A model call on record, with its turn stored."""
    head = await Transcripts(db).append(parent, [{"role": "user", "content": f"{run} {step}"}])
    call = model_call(step, run).model_copy(update={"head": parent})
    reply: ModelReply = model_reply().model_copy(update={"head": head})
    await ModelCalls(db).record(call, reply, asked="m", latency_s=1.0, at=minutes(at))
    return head


async def act(db: Database, step: str, result: str) -> str:
    ref = await Blobs(db).put(result)
    await ToolCalls(db).record(tool_call(step), ToolReply(ref=ref), latency_s=0.1, at=minutes(9))
    return ref


@pytest.fixture
async def heads(db: Database) -> list[str]:
    """A run of two conversations: triage, and three turns of orchestrating."""
    first = await think(db, "triage-1", "", 0)
    heads = [first]
    parent = ""
    for number in (1, 2, 3):
        parent = await think(db, f"orchestrate-{number}", parent, number)
        heads.append(parent)
    return heads


async def alter(db: Database, head: str) -> None:
    async with db.session() as session:
        body = packed(Turn("", '[{"role":"user","content":"other words"}]'))
        await session.execute(update(TurnRow).where(TurnRow.head == head).values(body=body))


async def remove(db: Database, head: str) -> None:
    async with db.session() as session:
        await session.execute(delete(TurnRow).where(TurnRow.head == head))


def told(found: list[Fault]) -> list[str]:
    return [str(fault) for fault in found]


async def test_an_untouched_run_is_intact(db: Database, heads: list[str]) -> None:
    """Nothing is found where nothing was changed."""
    await act(db, "orchestrate-1.1", "Note 7 added")
    kit = Kit(prompts={"triage": await Blobs(db).put("You sort.")}, toolset=await Blobs(db).put("[]"))
    await Kits(db).record(RUN, kit, {})
    assert await faults(db, RUN) == []


async def test_altered_words_are_told_by_step_and_turn(db: Database, heads: list[str]) -> None:
    """The turn whose body was changed, and no other."""
    await alter(db, heads[2])
    assert told(await faults(db, RUN)) == [
        f"orchestrate-2 (model call 3): its turn of the conversation {heads[2][:12]} is not what was written: "
        "it was altered"
    ]


async def test_a_missing_turn_is_told_by_step_and_turn(db: Database, heads: list[str]) -> None:
    """What stands before the gap is checked as well: a second break is not hidden by the first."""
    await remove(db, heads[2])
    await alter(db, heads[1])
    found = [(fault.step, fault.turn, fault.harm) for fault in await faults(db, RUN)]
    assert found == [("orchestrate-1", 2, "altered"), ("orchestrate-2", 3, "missing")]


async def test_the_last_turn_counts(db: Database, heads: list[str]) -> None:
    """Nothing goes on from it, and it is walked all the same, in every conversation of the run."""
    await remove(db, heads[0])
    await remove(db, heads[3])
    assert [fault.step for fault in await faults(db, RUN)] == ["triage-1", "orchestrate-3"]


async def test_a_turn_hung_elsewhere_is_told(db: Database, heads: list[str]) -> None:
    """Words are right and the place in the conversation isn't: the hash covers both."""
    async with db.session() as session:
        await session.execute(update(TurnRow).where(TurnRow.head == heads[3]).values(parent=heads[1]))
    assert [fault.step for fault in await faults(db, RUN)] == ["orchestrate-3"]


async def test_a_turn_of_another_run_is_told(db: Database, heads: list[str]) -> None:
    """A fork goes on from its origin's turns; a break there is a break of its own."""
    fork = "fork-1:sales:deal:42/run-1"
    await think(db, "orchestrate-4", heads[3], 4, run=fork)
    await alter(db, heads[3])
    await alter(db, heads[1])
    assert [(fault.step, fault.what) for fault in await faults(db, fork)] == [
        ("between two steps", "a turn of the conversation"),
        ("orchestrate-4", "the turn it went on from"),
    ]


async def test_the_turns_around_a_summary_are_walked(db: Database, heads: list[str]) -> None:
    """A summary's question is a turn that only the chain names; broken, it hides nothing that came before."""
    question = await Transcripts(db).append(heads[3], [{"role": "user", "content": "Sum up."}])
    summary = await Transcripts(db).append(question, [{"role": "user", "content": "In short"}], anew=True)
    call = model_call("orchestrate-summary-1").model_copy(update={"head": heads[3]})
    reply = model_reply().model_copy(update={"head": summary})
    await ModelCalls(db).record(call, reply, asked="m", latency_s=1, at=minutes(4))
    await think(db, "orchestrate-4", summary, 5)
    assert await faults(db, RUN) == []
    await remove(db, question)
    await alter(db, heads[1])
    assert {(fault.step, fault.harm) for fault in await faults(db, RUN)} == {
        ("between two steps", "missing"),
        ("orchestrate-1", "altered"),
    }


@pytest.mark.parametrize("body", [zlib.compress(b"Note 8 added"), b"no compressed text"])
async def test_an_altered_result_is_told(db: Database, heads: list[str], body: bytes) -> None:
    """The content must match the hash that the tool call names, and be readable at all."""
    ref = await act(db, "orchestrate-1.1", "Note 7 added")
    async with db.session() as session:
        await session.execute(update(BlobRow).where(BlobRow.ref == ref).values(body=body))
    assert told(await faults(db, RUN)) == [
        f"orchestrate-1.1: the result of crm.add_note {ref[:12]} is not what was written: it was altered"
    ]


async def test_missing_texts_are_told(db: Database, heads: list[str]) -> None:
    """A tool's result and a prompt of the kit that nobody stored."""
    await ToolCalls(db).record(tool_call(), ToolReply(ref="c" * 64), latency_s=0.1, at=minutes(9))
    await Kits(db).record(RUN, Kit(prompts={"triage": "d" * 64}), {})
    assert told(await faults(db, RUN)) == [
        "orchestrate-1.1: the result of crm.add_note cccccccccccc is gone from the store",
        "its beginning: the prompt triage dddddddddddd is gone from the store",
    ]
