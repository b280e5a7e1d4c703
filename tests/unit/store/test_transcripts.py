import pytest
from sqlalchemy import delete, event, update

from store.chain import Break
from store.database import Database
from store.errors import TranscriptBroken, TurnMissing
from store.tables import TurnRow
from store.transcripts import Transcripts

HELLO = {"role": "user", "content": "Bonjour"}
ANSWER = {"role": "assistant", "content": [{"type": "text", "text": "Oui ?"}]}
THANKS = {"role": "user", "content": "Merci"}


async def test_a_conversation_is_read_back_from_its_head(db: Database) -> None:
    """All messages, oldest first, by another process too."""
    head = await Transcripts(db).append("", [HELLO])
    head = await Transcripts(db).append(head, [ANSWER, THANKS])
    assert await Transcripts(db).read(head) == [HELLO, ANSWER, THANKS]


async def test_an_earlier_head_reads_as_it_was_then(db: Database) -> None:
    """Time travel: a later turn changes nothing before it."""
    transcripts = Transcripts(db)
    first = await transcripts.append("", [HELLO])
    await transcripts.append(first, [ANSWER])
    assert await transcripts.read(first) == [HELLO]


async def test_two_heads_may_share_a_beginning(db: Database) -> None:
    """A fork costs its own turns only."""
    transcripts = Transcripts(db)
    first = await transcripts.append("", [HELLO])
    one, other = await transcripts.append(first, [ANSWER]), await transcripts.append(first, [THANKS])
    assert await transcripts.read(one) == [HELLO, ANSWER]
    assert await transcripts.read(other) == [HELLO, THANKS]


async def test_appending_again_gives_the_same_head(db: Database) -> None:
    """A retried activity adds nothing, whatever order it writes a message's keys in."""
    other_order = dict(reversed(HELLO.items()))
    assert await Transcripts(db).append("", [HELLO]) == await Transcripts(db).append("", [other_order])


async def test_an_empty_head_is_an_empty_conversation(db: Database) -> None:
    """A run begins with nothing said."""
    assert await Transcripts(db).read("") == []


async def test_going_on_from_an_unknown_head_is_refused(db: Database) -> None:
    """A chain never hangs in the air."""
    with pytest.raises(TurnMissing, match="can't go on from 'ffff'"):
        await Transcripts(db).append("ffff", [HELLO])


async def test_reading_an_unknown_head_is_an_error(db: Database) -> None:
    """It is not an empty conversation."""
    with pytest.raises(TurnMissing, match="no turn is stored under 'ffff'"):
        await Transcripts(db).read("ffff")


async def test_a_long_conversation_is_one_query_cold_and_none_warm(db: Database) -> None:
    """Reading doesn't cost a query a turn."""
    writer, reader, queries = Transcripts(db), Transcripts(db), []
    head = ""
    for number in range(50):
        head = await writer.append(head, [{"role": "user", "content": str(number)}])
    event.listen(db._engine.sync_engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    assert len(await reader.read(head)) == 50
    cold = len([query for query in queries if "turns" in query])
    await reader.read(head)
    await writer.read(head)
    assert (cold, len([query for query in queries if "turns" in query])) == (1, 1)


async def test_what_a_reader_does_to_his_copy_stays_his(db: Database) -> None:
    """A caller may mark up messages (a cache breakpoint) without changing what the next one reads."""
    transcripts = Transcripts(db)
    head = await transcripts.append("", [ANSWER])
    (await transcripts.read(head))[0]["content"][0]["cache_control"] = {"type": "ephemeral"}
    assert await transcripts.read(head) == [ANSWER]


async def test_turns_beyond_the_room_are_read_from_the_store_again(db: Database) -> None:
    """The process's memory is bounded, what can be read isn't."""
    transcripts = Transcripts(db, remembered=60)
    head = await transcripts.append(await transcripts.append("", [HELLO]), [ANSWER])
    assert len(transcripts._recent) < 2
    assert await transcripts.read(head) == [HELLO, ANSWER]


async def test_an_untouched_chain_verifies(db: Database) -> None:
    """No breaks."""
    transcripts = Transcripts(db)
    assert await transcripts.verify(await transcripts.append("", [HELLO])) == []


async def test_tampering_is_found_and_not_read(db: Database) -> None:
    """Words changed in the database are named by turn, and no model ever gets them."""
    first = await Transcripts(db).append("", [HELLO])
    head = await Transcripts(db).append(first, [ANSWER])
    other = await Transcripts(db).append("", [THANKS])
    async with db.session() as session:
        body = await session.get_one(TurnRow, other)
        await session.execute(update(TurnRow).where(TurnRow.head == first).values(body=body.body))
    assert await Transcripts(db).verify(head) == [Break(first, "altered")]
    with pytest.raises(TranscriptBroken, match=f"turn {first[:12]} is altered"):
        await Transcripts(db).read(head)


async def test_a_deleted_turn_is_found(db: Database) -> None:
    """What is gone is named."""
    first = await Transcripts(db).append("", [HELLO])
    head = await Transcripts(db).append(first, [ANSWER])
    async with db.session() as session:
        await session.execute(delete(TurnRow).where(TurnRow.head == first))
    assert await Transcripts(db).verify(head) == [Break(first, "missing")]


async def test_a_circle_in_the_database_ends(db: Database) -> None:
    """A parent bent back on a later turn doesn't hang the query."""
    first = await Transcripts(db).append("", [HELLO])
    head = await Transcripts(db).append(first, [ANSWER])
    async with db.session() as session:
        await session.execute(update(TurnRow).where(TurnRow.head == first).values(parent=head))
    assert await Transcripts(db).verify(head)


SUMMARY = {"role": "assistant", "content": "They want it in blue."}
GO_ON = {"role": "user", "content": "Go on."}


async def folded(db: Database) -> tuple[str, str]:
    """A conversation that went on from a summary: the head before it, and the last one."""
    before = await Transcripts(db).append(await Transcripts(db).append("", [HELLO]), [ANSWER, THANKS])
    anew = await Transcripts(db).append(before, [HELLO, SUMMARY], anew=True)
    return before, await Transcripts(db).append(anew, [GO_ON])


async def test_a_conversation_goes_on_from_a_summary(db: Database) -> None:
    """A model is shown what follows the summary's turn, by whatever worker."""
    _, head = await folded(db)
    assert await Transcripts(db).read(head) == [HELLO, SUMMARY, GO_ON]


async def test_what_a_summary_replaced_can_still_be_read(db: Database) -> None:
    """The whole chain is there, and an earlier head reads as it was then."""
    before, head = await folded(db)
    assert await Transcripts(db).read_whole(head) == [HELLO, ANSWER, THANKS, HELLO, SUMMARY, GO_ON]
    assert await Transcripts(db).read(before) == [HELLO, ANSWER, THANKS]
    assert await Transcripts(db).verify(head) == []


async def test_a_break_behind_a_summary_is_reported(db: Database) -> None:
    """Nobody reads that far any more; verifying does."""
    before, head = await folded(db)
    async with db.session() as session:
        await session.execute(delete(TurnRow).where(TurnRow.head == before))
    assert await Transcripts(db).read(head) == [HELLO, SUMMARY, GO_ON]
    assert await Transcripts(db).verify(head) == [Break(before, "missing")]
