"""The drill's book, shared by its processes."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from ops.drill.book import Book, per_boundary
from ops.drill.boundaries import Boundary
from ops.drill.kill_plan import KillPlan

PLAN = KillPlan(runs=1, kills=100, at_once=1, apart_s=0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "drill.db"


@pytest.fixture
def book(file: Path):
    made = Book(file)
    yield made
    made.close()


def test_without_a_plan_nobody_dies(book: Book) -> None:
    """A drill that takes another part away uses the same workers."""
    assert not book.strike(Boundary.WAITING, "run", "ask")
    assert not book.strike_from_outside(11)


def test_a_kill_counts_when_the_worker_died(book: Book) -> None:
    """Of what was written down those count whose process ended, and one of each."""
    book.begin(PLAN)
    for life in (1, 2):
        book.born(life, pid=10 + life)
        assert book.strike_from_outside(life)
    assert book.strike_from_outside(1)
    book.died(1)
    assert [(kill.life, kill.boundary) for kill in book.kills()] == [(1, Boundary.ANY)]
    assert book.alive() == [(2, 12)]


def test_a_process_id_may_come_again(book: Book) -> None:
    """Two workers of one id that were both killed are two kills."""
    book.begin(PLAN)
    for life in (1, 2):
        book.born(life, pid=11)
        assert book.strike_from_outside(life)
        book.died(life)
    assert len(book.kills()) == 2


def test_a_worker_that_nobody_killed_is_told(book: Book) -> None:
    """One that ended by itself is no kill, and is not passed over."""
    book.born(1, pid=11)
    book.died(1)
    assert (list(book.kills()), book.ended_by_themselves()) == ([], 1)


def test_every_boundary_is_told(book: Book) -> None:
    """One that was never met shows as a zero."""
    assert per_boundary(book.kills()) == {boundary.value: 0 for boundary in Boundary}


def _die_in_the_middle(file: Path) -> None:
    """A worker that is killed while it writes."""
    book = Book(file)
    book.step_begins("run", "first")
    with book._writing() as sql:
        sql.execute("INSERT INTO kills VALUES (1, 1, 'x', '', '')")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_killed_in_the_middle_leaves_the_book_whole(file: Path, book: Book) -> None:
    """What it had written before stands, what it was writing doesn't, and nobody waits for it."""
    writer = multiprocessing.get_context("spawn").Process(target=_die_in_the_middle, args=(file,))
    writer.start()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    [step] = book.steps()
    assert (step.step, step.ended, step.done) == ("first", None, False)
    assert book.progress() == (0, 0)
