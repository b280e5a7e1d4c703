"""The store's schema, where the store comes later than the starter."""

import asyncio
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import OperationalError

from starter.schema import Schema

AWAY = OperationalError("connect", {}, Exception("refused"))


@dataclass
class Store:
    """Raises what it is given, one a time; then it migrates. `hangs` until it is set."""

    failures: list[Exception] = field(default_factory=list)
    hangs: asyncio.Event | None = None
    asked: int = 0

    async def migrate(self) -> None:
        self.asked += 1
        if self.hangs:
            await self.hangs.wait()
        if self.failures:
            raise self.failures.pop(0)


async def ended(seeing_to_it: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(5):
        await seeing_to_it


async def test_with_the_store_there_it_is_current_at_once() -> None:
    """Before the door opens."""
    schema = Schema(Store().migrate)
    await ended(await schema.begin())
    assert schema.is_current


async def test_a_store_that_is_away_is_asked_again_until_it_is_there() -> None:
    """The door opens meanwhile; it is migrated once."""
    store = Store([AWAY, OSError("no folder")])
    schema = Schema(store.migrate, again_s=0.01)
    seeing_to_it = await schema.begin()
    assert not schema.is_current
    await ended(seeing_to_it)
    assert (schema.is_current, store.asked) == (True, 3)


async def test_a_store_that_hangs_keeps_the_door_shut_for_its_patience_alone() -> None:
    """And what was begun goes on."""
    store = Store(hangs=asyncio.Event())
    schema = Schema(store.migrate)
    seeing_to_it = await schema.begin(patience_s=0.01)
    assert not schema.is_current
    store.hangs.set()
    await ended(seeing_to_it)
    assert (schema.is_current, store.asked) == (True, 1)


async def test_a_schema_that_is_not_ours_ends_the_start() -> None:
    """As of a newer version: waiting mends nothing."""
    with pytest.raises(ValueError, match="no such revision"):
        await Schema(Store([ValueError("no such revision")]).migrate).begin()
