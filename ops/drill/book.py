"""The drill's own book: what is planned, which worker was killed where, which step began and ended in which process.

A small SQLite file that all processes of the drill share. A writer that is killed in the middle leaves it whole.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.drill.boundaries import Boundary
from ops.drill.kill_plan import KillPlan, Tally, is_due, is_due_from_outside

_TABLES = """
CREATE TABLE IF NOT EXISTS plan (runs INTEGER, kills INTEGER, at_once INTEGER, apart_s REAL, finished INTEGER);
CREATE TABLE IF NOT EXISTS workers (life INTEGER PRIMARY KEY, pid INTEGER, born REAL, died REAL);
CREATE TABLE IF NOT EXISTS kills (at REAL, life INTEGER, boundary TEXT, run TEXT, step TEXT);
CREATE INDEX IF NOT EXISTS kills_run ON kills (run, step);
CREATE TABLE IF NOT EXISTS steps (
    number INTEGER PRIMARY KEY, life INTEGER, run TEXT, step TEXT, begun REAL, ended REAL, done INTEGER DEFAULT 0);
"""


@dataclass(frozen=True)
class Kill:
    """One worker's end. `run` and `step` are empty for a kill from outside."""

    at: float
    life: int
    boundary: Boundary
    run: str
    step: str


@dataclass(frozen=True)
class Step:
    """One attempt of an activity in one process, in seconds since the epoch; `ended` is None where it was cut short."""

    life: int
    run: str
    step: str
    begun: float
    ended: float | None
    done: bool
    """It ended well: the run is a step further."""


class Book:
    """Opened anew in each process, after the fork. `life` is the worker's own number: process ids come again."""

    def __init__(self, file: Path, life: int = 0) -> None:
        self._life = life
        self._sql = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
        self._sql.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_TABLES}")
        self._one_at_a_time = threading.Lock()  # a worker's event loop and its workflow threads share the connection

    def close(self) -> None:
        self._sql.close()

    # -- the plan --

    def begin(self, plan: KillPlan) -> None:
        with self._writing() as sql:
            sql.execute("INSERT INTO plan VALUES (?, ?, ?, ?, 0)", (plan.runs, plan.kills, plan.at_once, plan.apart_s))

    def finished(self, runs: int) -> None:
        """So many runs have come to their end."""
        with self._writing() as sql:
            sql.execute("UPDATE plan SET finished = ?", (runs,))

    def strike(self, boundary: Boundary, run: str, step: str) -> bool:
        """Whether this process shall die here and now. True is written down as a kill: the caller must obey."""
        with self._writing() as sql:
            found = _plan(sql)
            if found is None or not is_due(found[0], _tally(sql, boundary, run, step, found[1]), boundary, run, step):
                return False
            _enter(sql, self._life, boundary, run, step)
            return True

    def strike_from_outside(self, life: int) -> bool:
        """Whether this worker shall be killed now. True is written down as a kill, as above."""
        with self._writing() as sql:
            found = _plan(sql)
            if found is None or not is_due_from_outside(found[0], _tally(sql, Boundary.ANY, "", "", found[1])):
                return False
            _enter(sql, life, Boundary.ANY, "", "")
            return True

    def progress(self) -> tuple[int, int]:
        """Runs finished, and kills so far."""
        with self._writing() as sql:
            (finished,) = sql.execute("SELECT finished FROM plan").fetchone() or (0,)
            (kills,) = sql.execute("SELECT count(*) FROM kills").fetchone()
            return int(finished), int(kills)

    # -- who lives --

    def born(self, life: int, pid: int) -> None:
        with self._writing() as sql:
            sql.execute("INSERT INTO workers VALUES (?, ?, ?, NULL)", (life, pid, time.time()))

    def died(self, life: int) -> None:
        with self._writing() as sql:
            sql.execute("UPDATE workers SET died = ? WHERE life = ?", (time.time(), life))

    def alive(self) -> list[tuple[int, int]]:
        """Life and process id of each."""
        with self._writing() as sql:
            return list(sql.execute("SELECT life, pid FROM workers WHERE died IS NULL ORDER BY life"))

    # -- what they did --

    def step_begins(self, run: str, step: str) -> int:
        with self._writing() as sql:
            row = (self._life, run, step, time.time())
            number = sql.execute("INSERT INTO steps (life, run, step, begun) VALUES (?, ?, ?, ?)", row).lastrowid
            assert number is not None
            return number

    def step_ends(self, number: int, *, done: bool) -> None:
        with self._writing() as sql:
            sql.execute("UPDATE steps SET ended = ?, done = ? WHERE number = ?", (time.time(), done, number))

    # -- afterwards --

    def kills(self) -> Sequence[Kill]:
        """Those that took effect: of workers that died, one each."""
        died = "SELECT min(k.rowid) FROM kills k JOIN workers w USING (life) WHERE w.died IS NOT NULL GROUP BY life"
        rows = self._sql.execute(f"SELECT * FROM kills WHERE rowid IN ({died}) ORDER BY at")  # noqa: S608
        return [Kill(at, life, Boundary(boundary), run, step) for at, life, boundary, run, step in rows]

    def ended_by_themselves(self) -> int:
        """Workers that died without being killed."""
        alone = "SELECT count(*) FROM workers WHERE died IS NOT NULL AND life NOT IN (SELECT life FROM kills)"
        return int(self._sql.execute(alone).fetchone()[0])

    def steps(self) -> Sequence[Step]:
        rows = self._sql.execute("SELECT life, run, step, begun, ended, done FROM steps ORDER BY begun")
        return [Step(life, run, step, begun, ended, bool(done)) for life, run, step, begun, ended, done in rows]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._one_at_a_time:
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield self._sql
            finally:
                self._sql.execute("COMMIT")


def per_boundary(kills: Sequence[Kill]) -> dict[str, int]:
    """Every boundary with its number of kills, those without any too."""
    counted = Counter(kill.boundary for kill in kills)
    return {boundary.value: counted[boundary] for boundary in Boundary}


def _plan(sql: sqlite3.Connection) -> tuple[KillPlan, int] | None:
    row = sql.execute("SELECT runs, kills, at_once, apart_s, finished FROM plan").fetchone()
    return None if row is None else (KillPlan(*row[:4]), int(row[4]))


def _tally(sql: sqlite3.Connection, boundary: Boundary, run: str, step: str, finished: int) -> Tally:
    (here,) = sql.execute("SELECT count(*) FROM kills WHERE boundary = ?", (boundary,)).fetchone()
    (of_run,) = sql.execute("SELECT count(*) FROM kills WHERE run = ?", (run,)).fetchone()
    (of_step,) = sql.execute("SELECT count(*) FROM kills WHERE run = ? AND step = ?", (run, step)).fetchone()
    total, last = sql.execute("SELECT count(*), max(at) FROM kills").fetchone()
    return Tally(total, here, of_run, of_step, time.time() - (last or 0), finished)


def _enter(sql: sqlite3.Connection, life: int, boundary: Boundary, run: str, step: str) -> None:
    sql.execute("INSERT INTO kills VALUES (?, ?, ?, ?, ?)", (time.time(), life, boundary, run, step))
