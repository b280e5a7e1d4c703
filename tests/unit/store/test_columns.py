from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from store.database import Database
from store.door import Door
from store.runs import Runs
from tests.unit.store.samples import NOON, event, run_record


async def test_a_moment_comes_back_in_utc(db: Database) -> None:
    """Whatever zone it was written in."""
    in_lyon = NOON.astimezone(timezone(timedelta(hours=1)))
    await Runs(db).record(run_record(at=in_lyon))
    record = await Runs(db).get(run_record().run)
    assert record is not None
    assert (record.at, record.at.utcoffset()) == (NOON, timedelta(0))


async def test_a_moment_without_a_zone_is_refused(db: Database) -> None:
    """Nobody could say when it was."""
    with pytest.raises(StatementError, match="without a timezone: 2026-11-23T12:00:00"):
        await Door(db).record(event(), "accepted", at=datetime(2026, 11, 23, 12))  # noqa: DTZ001


async def test_a_stray_character_does_not_lose_a_row(db: Database) -> None:
    """NUL and half an emoji, which one of the databases can't hold, are left out of prose."""
    await Runs(db).record(run_record(reason="no\x00 answer \ud83d"))
    record = await Runs(db).get(run_record().run)
    assert record is not None
    assert record.reason == "no answer ?"
