"""Message batches: kept as they were sent, answered when they are due, in an order that isn't theirs.

Answers are the same whenever they are worked out, so only the requests are stored; a restart loses nothing.
One that isn't done within a day expires, as at the vendor, and what wasn't answered costs nothing.
Fields: https://platform.claude.com/docs/en/api/creating-message-batches
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.model.canonical import digest
from sandbox.model.errors import VendorError, bad_request

EXPIRES_AFTER = 24 * 3600
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
OUTCOMES = ("processing", "succeeded", "errored", "canceled", "expired")
TABLE = "CREATE TABLE IF NOT EXISTS batches (id TEXT PRIMARY KEY, created REAL, canceled REAL, requests TEXT)"


LONGEST_PAGE = 1000


class Expired(Exception):
    """Nobody came to the request within a day."""


@dataclass(frozen=True)
class Batch:
    """One batch. Times in seconds since the epoch."""

    id: str
    created: float
    canceled: float | None
    requests: list[dict[str, Any]]


class Batches:
    """Every batch of a process, in SQLite. `takes` is how long one is in progress, in seconds. `answer` raises
    `VendorError` where a request has none, and `Expired` where nobody came to it.
    """

    def __init__(
        self, database: str, takes: float, clock: Callable[[], float], answer: Callable[[Any], dict[str, Any]]
    ) -> None:
        self._expires = takes >= EXPIRES_AFTER
        self._takes = min(takes, EXPIRES_AFTER)
        self._clock = clock
        self._answer = answer
        self._worked_out: dict[str, list[dict[str, Any]]] = {}
        self._database = sqlite3.connect(database)
        self._database.execute(TABLE)
        self._database.commit()

    def create(self, body: Any) -> Batch:
        """Take a batch in.

        Raises `VendorError` (400) when it is empty or a custom_id is missing, misshapen or taken twice.
        """
        requests = body.get("requests") if isinstance(body, dict) else None
        if not isinstance(requests, list) or not requests:
            raise bad_request("requests: List should have at least 1 item")
        _refuse_unnamed(requests)
        (count,) = self._database.execute("SELECT count(*) FROM batches").fetchone()
        batch = Batch(f"msgbatch_{digest(requests, count)[:24]}", self._clock(), None, requests)
        self._database.execute(
            "INSERT INTO batches VALUES (?, ?, NULL, ?)", (batch.id, batch.created, json.dumps(requests))
        )
        self._database.commit()
        return batch

    def get(self, batch_id: str) -> Batch:
        """Raises `VendorError` (404) for an unknown one."""
        with closing(self._database.execute("SELECT * FROM batches WHERE id = ?", (batch_id,))) as found:
            row = found.fetchone()
        if row is None:
            raise VendorError(404, f"Message Batch {batch_id} not found")
        return Batch(row[0], row[1], row[2], json.loads(row[3]))

    def page(self, limit: int, after: str) -> tuple[list[Batch], bool]:
        """The newest first, from behind the batch `after` on; and whether there are more.

        Raises `VendorError` (400) for a limit that the vendor doesn't take, (404) for an unknown batch.
        """
        if not 1 <= limit <= LONGEST_PAGE:
            raise bad_request(f"limit: Input should be between 1 and {LONGEST_PAGE}")
        rows = self._database.execute("SELECT id FROM batches ORDER BY created DESC, rowid DESC").fetchall()
        ids = [row[0] for row in rows]
        start = ids.index(self.get(after).id) + 1 if after else 0
        return [self.get(each) for each in ids[start : start + limit]], len(ids) > start + limit

    def cancel(self, batch_id: str) -> Batch:
        """Stop one that is in progress; on one that has ended nothing changes."""
        batch = self.get(batch_id)
        if not self.ended(batch):
            self._database.execute(
                "UPDATE batches SET canceled = ? WHERE id = ? AND canceled IS NULL", (self._clock(), batch_id)
            )
            self._database.commit()
        return self.get(batch_id)

    def ended(self, batch: Batch) -> bool:
        """Whether its results can be read."""
        return self._clock() >= batch.created + self._takes

    def results(self, batch: Batch) -> list[dict[str, Any]]:
        """One line for each request, worked out once in a process.

        Raises `VendorError` (404) while it is in progress.
        """
        if not self.ended(batch):
            raise VendorError(404, f"Batch {batch.id} has no results yet: it is still in progress")
        if batch.id not in self._worked_out:
            lines = [
                {"custom_id": request["custom_id"], "result": self._result(batch, request)}
                for request in batch.requests
            ]
            self._worked_out[batch.id] = sorted(lines, key=lambda line: digest(batch.id, line["custom_id"]))
        return self._worked_out[batch.id]

    def render(self, batch: Batch, base_url: str) -> dict[str, Any]:
        """The vendor's `message_batch` object."""
        ended = self.ended(batch)
        status = "ended" if ended else "canceling" if batch.canceled else "in_progress"
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": self._counts(batch),
            "created_at": _moment(batch.created),
            "expires_at": _moment(batch.created + EXPIRES_AFTER),
            "ended_at": _moment(batch.created + self._takes) if ended else None,
            "cancel_initiated_at": _moment(batch.canceled) if batch.canceled else None,
            "archived_at": None,
            "results_url": f"{base_url}/v1/messages/batches/{batch.id}/results" if ended else None,
        }

    def _counts(self, batch: Batch) -> dict[str, int]:
        if self.ended(batch):
            outcomes = Counter(line["result"]["type"] for line in self.results(batch))
        else:
            outcomes = Counter({"processing": len(batch.requests)})
        return {outcome: outcomes[outcome] for outcome in OUTCOMES}

    def _result(self, batch: Batch, request: dict[str, Any]) -> dict[str, Any]:
        if batch.canceled:
            return {"type": "canceled"}
        if self._expires:
            return {"type": "expired"}
        try:
            return {"type": "succeeded", "message": self._answer(request.get("params"))}
        except Expired:
            return {"type": "expired"}
        except VendorError as error:
            return {"type": "errored", "error": error.envelope(f"req_{digest(batch.id, request)[:24]}")}


def _refuse_unnamed(requests: list[Any]) -> None:
    taken: set[str] = set()
    for index, request in enumerate(requests):
        custom_id = request.get("custom_id") if isinstance(request, dict) else None
        if not isinstance(custom_id, str) or not custom_id:
            raise bad_request(f"requests.{index}.custom_id: Field required")
        if not CUSTOM_ID.fullmatch(custom_id):
            raise bad_request(f"requests.{index}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        if custom_id in taken:
            raise bad_request(f"requests.{index}.custom_id: '{custom_id}' is taken already in this batch")
        taken.add(custom_id)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
