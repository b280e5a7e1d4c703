"""An entity that runs too often is stopped."""

from datetime import UTC, datetime, timedelta

from contracts.agents import Breaker
from workflows.entity.breaker import Fuse

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
THREE = Breaker(runs=3, within=timedelta(hours=1))


def test_one_too_many_within_the_hour_does_not_begin() -> None:
    """Nor does any after it, however long it is quiet then: a person is to look."""
    fuse = Fuse(THREE)
    assert [fuse.run_begins(NOON + timedelta(minutes=10 * n)) for n in range(4)] == [True, True, True, False]
    assert not fuse.run_begins(NOON + timedelta(days=2))


def test_as_many_in_a_longer_time_are_work() -> None:
    """A run that began an hour ago no longer counts."""
    fuse = Fuse(THREE)
    assert all(fuse.run_begins(NOON + timedelta(minutes=20 * n)) for n in range(50))
    assert len(fuse.begun) <= 3


def test_a_person_lets_it_go_on_with_a_clean_count() -> None:
    """Otherwise the next run would be one too many again."""
    fuse = Fuse(THREE, begun=[NOON] * 3)
    assert not fuse.run_begins(NOON)
    fuse.mend()
    assert [fuse.run_begins(NOON) for _ in range(4)] == [True, True, True, False]
