"""The workspace's data in one SQLite file: people, channels, messages, open modals."""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.slack.seed import CHANNELS, PEOPLE, Channel, Person

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channels (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    channel TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT, seen_by TEXT, body TEXT NOT NULL,
    PRIMARY KEY (channel, ts));
CREATE TABLE IF NOT EXISTS homes (person TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS views (id TEXT PRIMARY KEY, person TEXT NOT NULL, body TEXT NOT NULL);
"""


class Workspace:
    """Messages and modals are kept as Slack's own JSON objects; a message is named by channel and `ts`."""

    def __init__(self, file: Path | str, now: Callable[[], float] = time.time) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._now = now
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)
        self._seed()

    def close(self) -> None:
        self._db.close()

    def _seed(self) -> None:
        for table, rows in (("people", PEOPLE), ("channels", CHANNELS)):
            self._db.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES (?, ?)",  # noqa: S608 - the two names stand above
                [(row.id, json.dumps(asdict(row))) for row in rows],
            )

    # People and channels

    def people(self) -> list[Person]:
        return [Person(**json.loads(body)) for (body,) in self._db.execute("SELECT body FROM people")]

    def person(self, user: str) -> Person | None:
        return next((person for person in self.people() if person.id == user), None)

    def channels(self) -> list[Channel]:
        return [Channel(**json.loads(body)) for (body,) in self._db.execute("SELECT body FROM channels")]

    def channel(self, channel: str) -> Channel | None:
        return next((one for one in self.channels() if one.id == channel), None)

    def channel_named(self, name: str) -> Channel | None:
        """With or without `#`."""
        return next((one for one in self.channels() if one.name == name.removeprefix("#")), None)

    # Messages

    def next_ts(self) -> str:
        """Seconds and microseconds, never given twice: `1764000000.000100`."""
        (last,) = self._db.execute("SELECT max(ts) FROM messages").fetchone()
        micros = int(self._now() * 1_000_000)
        if last:
            seconds, fraction = last.split(".")
            micros = max(micros, int(seconds) * 1_000_000 + int(fraction) + 1)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def keep_message(self, channel: str, message: Json, seen_by: str | None = None) -> None:
        """Insert or replace. `seen_by` is the one person who sees an ephemeral message."""
        self._db.execute(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)",
            (channel, message["ts"], message.get("thread_ts"), seen_by, json.dumps(message)),
        )

    def message(self, channel: str, ts: str) -> Json | None:
        row = self._db.execute("SELECT body FROM messages WHERE channel = ? AND ts = ?", (channel, ts)).fetchone()
        return json.loads(row[0]) if row else None

    def seen_by(self, channel: str, ts: str) -> str | None:
        row = self._db.execute("SELECT seen_by FROM messages WHERE channel = ? AND ts = ?", (channel, ts)).fetchone()
        return row[0] if row else None

    def delete_message(self, channel: str, ts: str) -> None:
        self._db.execute("DELETE FROM messages WHERE channel = ? AND ts = ?", (channel, ts))

    def roots(self, channel: str, viewer: str | None = None) -> list[Json]:
        """What the channel shows: messages outside threads and replies to all, oldest first; with a viewer, their
        ephemeral ones too.
        """
        rows = self._db.execute(
            "SELECT body FROM messages WHERE channel = ? AND (thread_ts IS NULL OR thread_ts = ts"
            " OR json_extract(body, '$.subtype') = 'thread_broadcast')"
            " AND (seen_by IS NULL OR seen_by = ?) ORDER BY ts",
            (channel, viewer),
        )
        return [self._with_thread_counts(channel, json.loads(body)) for (body,) in rows]

    def replies(self, channel: str, thread_ts: str, viewer: str | None = None) -> list[Json]:
        rows = self._db.execute(
            "SELECT body FROM messages WHERE channel = ? AND thread_ts = ? AND ts != thread_ts"
            " AND (seen_by IS NULL OR seen_by = ?) ORDER BY ts",
            (channel, thread_ts, viewer),
        )
        return [json.loads(body) for (body,) in rows]

    def _with_thread_counts(self, channel: str, root: Json) -> Json:
        replies = self.replies(channel, root["ts"])
        if not replies:
            return root
        return root | {
            "thread_ts": root["ts"],
            "reply_count": len(replies),
            "reply_users": sorted({reply["user"] for reply in replies}),
            "latest_reply": replies[-1]["ts"],
        }

    # Modals

    def keep_view(self, user: str, view: Json) -> None:
        self._db.execute("INSERT OR REPLACE INTO views VALUES (?, ?, ?)", (view["id"], user, json.dumps(view)))

    def view(self, user: str, view_id: str) -> Json | None:
        row = self._db.execute("SELECT body FROM views WHERE id = ? AND person = ?", (view_id, user)).fetchone()
        return json.loads(row[0]) if row else None

    def keep_home(self, user: str, view: Json) -> None:
        self._db.execute("INSERT OR REPLACE INTO homes VALUES (?, ?)", (user, json.dumps(view)))

    def home(self, user: str) -> Json | None:
        """The app's home tab as this person sees it."""
        row = self._db.execute("SELECT body FROM homes WHERE person = ?", (user,)).fetchone()
        return json.loads(row[0]) if row else None

    def open_view(self, user: str) -> Json | None:
        """The modal on top of this person's screen."""
        row = self._db.execute(
            "SELECT body FROM views WHERE person = ? ORDER BY rowid DESC LIMIT 1", (user,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def close_view(self, view_id: str) -> None:
        self._db.execute("DELETE FROM views WHERE id = ?", (view_id,))
