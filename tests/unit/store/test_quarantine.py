from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.errors import QuarantineFull, UnknownInQuarantine
from store.quarantine import Quarantine, Unread

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
UNREAD = Unread("pipedrive", b'{"meta": 7}' * 100, "application/json", "meta: not an object")


async def test_what_is_kept_comes_back_byte_for_byte(db: Database) -> None:
    """With where it came from and why it is here."""
    number = await Quarantine(db).keep(UNREAD, NOW)
    found, body = await Quarantine(db).get(number)
    assert body == UNREAD.body
    assert (found.source, found.reason, found.received_at, found.state) == (
        "pipedrive",
        UNREAD.reason,
        NOW,
        "waiting",
    )


async def test_it_is_settled_once(db: Database) -> None:
    """By whom and when; what is settled isn't waiting."""
    number = await Quarantine(db).keep(UNREAD, NOW)
    assert await Quarantine(db).settle(number, "dropped", "claire", NOW)
    assert not await Quarantine(db).settle(number, "redriven", "tom", NOW)
    found, _ = await Quarantine(db).get(number)
    assert (found.state, found.by, found.settled_at) == ("dropped", "claire", NOW)
    assert (await Quarantine(db).waiting(), list(await Quarantine(db).all("waiting"))) == (0, [])


@pytest.mark.parametrize("bound", [{"most_rows": 2}, {"most_bytes": 50}])
async def test_no_more_is_taken_than_there_is_room_for(db: Database, bound: dict[str, int]) -> None:
    """In rows and in bytes; what is settled makes room."""
    small = Quarantine(db, **bound)
    numbers = [await small.keep(UNREAD, NOW) for _ in range(2)]
    with pytest.raises(QuarantineFull):
        await small.keep(UNREAD, NOW)
    await small.settle(numbers[0], "dropped", "claire", NOW)
    await small.keep(UNREAD, NOW)


async def test_a_number_that_is_none_is_said(db: Database) -> None:
    """An error of its own."""
    with pytest.raises(UnknownInQuarantine):
        await Quarantine(db).get(1)


async def test_the_sweep_removes_what_was_settled_long_ago(db: Database) -> None:
    """What waits stays, however old."""
    numbers = [await Quarantine(db).keep(UNREAD, NOW) for _ in range(2)]
    await Quarantine(db).settle(numbers[0], "dropped", "claire", NOW)
    later = NOW + timedelta(minutes=1)
    assert (await Quarantine(db).sweep(NOW), await Quarantine(db).sweep(later)) == (0, 1)
    assert [each.number for each in await Quarantine(db).all()] == numbers[1:]
