"""Answers that are kept: bounded in age and size, and closed to all who can't ask the same."""

import sqlite3

import pytest

from gateway.door.kept import IN_MEMORY, Kept, Seal

MINE = Seal.of(b"sk-sales", b"run-1/triage-1", b"{}")
ROOM = 200_000


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(clock):
    its = Kept(IN_MEMORY, 60, ROOM, clock)
    yield its
    its.close()


def test_an_answer_is_given_until_it_is_too_old(kept, clock):
    """As it was put, and after its time not any more."""
    kept.put(MINE, b"the answer")
    clock.now += 59
    assert kept.get(MINE) == b"the answer"
    clock.now += 1
    assert kept.get(MINE) is None


def test_what_is_too_old_is_gone_from_the_disk(kept, clock):
    """The next answer that is kept sweeps it away."""
    kept.put(MINE, b"the answer")
    clock.now += 61
    kept.put(Seal.of(b"another"), b"another")
    assert kept._run("SELECT count(*) FROM kept") == [(1,)]


def test_the_oldest_make_room(kept, clock):
    """What is kept stays within its bound, and the newest stays."""
    for number in range(300):
        clock.now += 0.1
        kept.put(Seal.of(b"%d" % number), b"x" * 2000)
        assert kept._bytes() <= ROOM
    assert kept.get(Seal.of(b"299"))
    assert kept.get(Seal.of(b"0")) is None


def test_an_answer_bigger_than_all_the_room_is_not_kept(kept):
    """And nothing breaks of it."""
    kept.put(MINE, b"x" * 2 * ROOM)
    assert kept.get(MINE) is None


def test_a_time_of_nothing_keeps_nothing(clock):
    """Keeping can be turned off."""
    kept = Kept(IN_MEMORY, 0, ROOM, clock)
    kept.put(MINE, b"the answer")
    assert kept._run("SELECT count(*) FROM kept") == [(0,)]
    kept.close()


def test_nothing_readable_lies_in_the_file(tmp_path):
    """Neither the answer nor the call's name nor the caller's key: who has the disk alone has nothing."""
    kept = Kept(str(tmp_path / "new" / "kept.db"), 60, 10**8)
    kept.put(MINE, b"what the client wrote")
    kept.close()
    lying = b"".join(file.read_bytes() for file in (tmp_path / "new").iterdir())
    assert MINE.name.encode() in lying
    assert not any(word in lying for word in (b"client wrote", b"triage-1", b"sk-sales"))


def test_an_answer_that_was_damaged_is_none(kept):
    """It is paid for again, and not passed on."""
    kept.put(MINE, b"the answer")
    kept._run("UPDATE kept SET sealed = ?", b"rubbish")
    assert kept.get(MINE) is None


def test_a_seal_does_not_mix_its_parts():
    """Two requests whose parts only run together the same are two."""
    assert Seal.of(b"ab", b"c").name != Seal.of(b"a", b"bc").name


def test_a_file_that_can_not_be_made_is_said_at_once(tmp_path):
    """Not at the first call."""
    (tmp_path / "file").write_text("")
    with pytest.raises((OSError, sqlite3.Error)):
        Kept(str(tmp_path / "file" / "kept.db"), 60, ROOM)
