"""Answers that were paid for, kept for a while. Only who can ask the same again can read one.

Name and key of an answer are derived from the request itself, the caller's key included. What lies in the file is
encrypted with a key that is in no file.
"""

import base64
import hashlib
import hmac
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

IN_MEMORY = ":memory:"
_TABLE = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS kept_at ON kept (at);
"""
_AT_ONCE = 50
"""Of the oldest, how many go together where there is no room."""


@dataclass(frozen=True)
class Seal:
    """Under which name an answer is kept, and with what it is closed."""

    name: str
    _key: bytes

    @classmethod
    def of(cls, *parts: bytes) -> "Seal":
        """For one request: two that differ in any part have nothing in common."""
        whole = hashlib.sha256()
        for part in parts:
            whole.update(len(part).to_bytes(8, "big") + part)
        secret = whole.digest()
        return cls(hmac.digest(secret, b"name", "sha256").hex(), hmac.digest(secret, b"key", "sha256"))

    def close(self, text: bytes) -> bytes:
        return self._fernet.encrypt(text)

    def open(self, sealed: bytes) -> bytes | None:
        """None where it was damaged, or closed with another."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None

    @property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key))


class Kept:
    """In one SQLite file, which several gateways of one machine may share."""

    def __init__(self, file: str, keep_s: float, most_bytes: int, clock: Callable[[], float] = time.time) -> None:
        """Raises `OSError` or `sqlite3.Error` where the file can't be made. `keep_s` of 0 keeps nothing."""
        if file != IN_MEMORY:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        self._keep_s = keep_s
        self._most = most_bytes
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._sql = _opened(file)
        self._sql.executescript(_TABLE)
        # of its own for a file, so that a look waits for no writer
        self._looking = self._sql if file == IN_MEMORY else _opened(file)
        self._one_looks = self._one_at_a_time if file == IN_MEMORY else threading.Lock()

    def close(self) -> None:
        self._looking.close()
        self._sql.close()

    def get(self, seal: Seal) -> bytes | None:
        """The answer, where it is still kept. A look so short that an event loop may take it itself."""
        wanted = (seal.name, self._clock() - self._keep_s)
        with self._one_looks:
            row = self._looking.execute("SELECT sealed FROM kept WHERE name = ? AND at > ?", wanted).fetchone()
        return seal.open(row[0]) if row else None

    def put(self, seal: Seal, answer: bytes) -> None:
        """Keep one; what is too old goes, and the oldest where there is no room."""
        now = self._clock()
        self._run("DELETE FROM kept WHERE at <= ?", now - self._keep_s)
        if self._keep_s > 0:
            self._run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", seal.name, now, seal.close(answer))
            self._make_room()

    def _make_room(self) -> None:
        oldest = "DELETE FROM kept WHERE name IN (SELECT name FROM kept ORDER BY at LIMIT ?) RETURNING 1"
        while self._bytes() > self._most and self._run(oldest, _AT_ONCE):
            pass

    def _bytes(self) -> int:
        """In use. The file itself doesn't shrink; room that was freed in it is used again."""
        pages, free, size = (
            self._run(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _run(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._one_at_a_time:
            return self._sql.execute(sql, values).fetchall()


def _opened(file: str) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
