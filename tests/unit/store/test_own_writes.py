import asyncio
from datetime import UTC, datetime, timedelta

from contracts.fingerprints import Fingerprint, OwnWrite
from store.database import Database
from store.own_writes import KEPT, VALID, OwnWrites, Recognised

DEAL = "deal:42"
RUN = "sales:deal:42/run-7"
STAGE = Fingerprint.of(DEAL, "stage_id", 3)
VALUE = Fingerprint.of(DEAL, "value", 48600)


def write(*prints: Fingerprint, key: str = "k1", run: str = RUN, hop: int = 1) -> OwnWrite:
    return OwnWrite(key=key, run=run, hop=hop, prints=prints or (STAGE,))


async def test_the_event_of_an_announced_write_is_recognised(db: Database) -> None:
    """By what it is about, which field and which value; and told in which run it was written."""
    await OwnWrites(db).expect(write(STAGE, hop=2))
    assert await OwnWrites(db).take("e1", DEAL, [VALUE, STAGE]) == [Recognised(STAGE, RUN, 2)]


async def test_another_deal_another_field_another_value_are_not(db: Database) -> None:
    """All three must be the same."""
    await OwnWrites(db).expect(write(STAGE))
    others = (
        Fingerprint.of("deal:43", "stage_id", 3),
        Fingerprint.of(DEAL, "pipeline_id", 3),
        Fingerprint.of(DEAL, "stage_id", 4),
    )
    for other in others:
        assert await OwnWrites(db).take("e1", other.about, [other]) == []


async def test_a_fingerprint_is_taken_once(db: Database) -> None:
    """Who sets the same value a minute later is heard."""
    await OwnWrites(db).expect(write())
    assert await OwnWrites(db).take("e1", DEAL, [STAGE])
    assert await OwnWrites(db).take("e2", DEAL, [STAGE]) == []


async def test_the_same_event_again_is_recognised_again(db: Database) -> None:
    """A re-delivery counts as the first did, even after the fingerprint's own time."""
    brief = OwnWrites(db, valid=timedelta(seconds=0.2))
    await brief.expect(write())
    assert await brief.take("e1", DEAL, [STAGE])
    await asyncio.sleep(0.25)
    assert await brief.take("e1", DEAL, [STAGE])


async def test_two_writes_of_one_value_are_two_events(db: Database) -> None:
    """The oldest is taken first."""
    await OwnWrites(db).expect(write(key="k1", hop=1))
    await OwnWrites(db).expect(write(key="k2", hop=2))
    assert [each.hop for each in await OwnWrites(db).take("e1", DEAL, [STAGE])] == [1]
    assert [each.hop for each in await OwnWrites(db).take("e2", DEAL, [STAGE])] == [2]
    assert [each.hop for each in await OwnWrites(db).take("e1", DEAL, [STAGE])] == [1]


async def test_an_event_beside_one_that_comes_again_is_another(db: Database) -> None:
    """Both are looked up in one go."""
    writes = OwnWrites(db)
    await writes.expect(write())
    await writes.take("e1", DEAL, [STAGE])
    again, other = await asyncio.gather(writes.take("e1", DEAL, [STAGE]), writes.take("e2", DEAL, [STAGE]))
    assert (len(again), other) == (1, [])


async def test_of_many_events_at_once_one_takes_it(db: Database) -> None:
    """Several starters, one fingerprint."""
    await OwnWrites(db).expect(write())
    found = await asyncio.gather(*(OwnWrites(db).take(f"e{n}", DEAL, [STAGE]) for n in range(10)))
    assert sorted(len(each) for each in found) == [0] * 9 + [1]


async def test_what_nobody_took_in_time_expires(db: Database) -> None:
    """A webhook that late isn't ours."""
    late = OwnWrites(db, valid=timedelta(0))
    await late.expect(write())
    assert await late.take("e1", DEAL, [STAGE]) == []


async def test_what_is_withdrawn_is_expected_no_more(db: Database) -> None:
    """It was refused; another effect's stays."""
    await OwnWrites(db).expect(write(STAGE, key="k1"))
    await OwnWrites(db).expect(write(VALUE, key="k2"))
    await OwnWrites(db).withdraw("k1")
    assert [each.print for each in await OwnWrites(db).take("e1", DEAL, [STAGE, VALUE])] == [VALUE]


async def test_an_effect_tried_again_is_expected_once(db: Database) -> None:
    """Of two attempts one writes."""
    await OwnWrites(db).expect(write())
    await OwnWrites(db).expect(write())
    assert await OwnWrites(db).take("e1", DEAL, [STAGE])
    assert await OwnWrites(db).take("e2", DEAL, [STAGE]) == []


async def test_what_an_event_has_taken_is_not_withdrawn(db: Database) -> None:
    """The event comes again, and must be known."""
    await OwnWrites(db).expect(write())
    await OwnWrites(db).take("e1", DEAL, [STAGE])
    await OwnWrites(db).withdraw("k1")
    assert await OwnWrites(db).take("e1", DEAL, [STAGE])


async def test_the_sweep_removes_what_is_old(db: Database) -> None:
    """By the time it was announced."""
    await OwnWrites(db).expect(write())
    now = datetime.now(UTC)
    assert await OwnWrites(db).sweep(now - timedelta(minutes=1)) == 0
    assert await OwnWrites(db).sweep(now + timedelta(minutes=1)) == 1


def test_a_fingerprint_outlives_the_slowest_webhook() -> None:
    """The vendor's call, the filing, four deliveries and the pauses between them; and its re-deliveries are known."""
    assert 2 * timedelta(seconds=15 + 30 + 4 * 10 + 3 + 30 + 150) <= VALID
    assert timedelta(days=7) < KEPT
