"""The durable queue of webhooks: in order for each webhook and entity, one in flight of each."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from sandbox.crm.records import Record, Records


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one webhook. `attempt` counts the attempts already made."""

    id: int
    webhook_id: int
    entity: str
    payload: dict[str, Any]
    attempt: int


class DeliveryQueue:
    def __init__(self, records: Records) -> None:
        self._sql = records.sql
        self.news = asyncio.Event()

    def put(self, webhook_id: int, entity: str, payload: dict[str, Any], due: float) -> None:
        """Call inside the transaction of the change."""
        self._sql.execute(
            "INSERT INTO deliveries (webhook_id, entity, payload, due) VALUES (?, ?, ?, ?)",
            (webhook_id, entity, json.dumps(payload, ensure_ascii=False), due),
        )
        self.news.set()

    def heads(self) -> list[tuple[Delivery, float]]:
        """The oldest waiting delivery of each webhook and entity, with the moment it is due (epoch seconds)."""
        rows = self._sql.execute(
            "SELECT * FROM deliveries WHERE id IN "
            "(SELECT min(id) FROM deliveries WHERE state = 'queued' GROUP BY webhook_id, entity) ORDER BY due, id"
        )
        return [
            (Delivery(r["id"], r["webhook_id"], r["entity"], json.loads(r["payload"]), r["attempt"]), r["due"])
            for r in rows
        ]

    def settle(self, delivery: Delivery, state: str, answer: str) -> None:
        """The last word on a delivery: "delivered" or "failed"."""
        self._sql.execute(
            "UPDATE deliveries SET state = ?, attempt = attempt + 1, answer = ? WHERE id = ?",
            (state, answer, delivery.id),
        )

    def postpone(self, delivery: Delivery, due: float, answer: str) -> None:
        self._sql.execute(
            "UPDATE deliveries SET attempt = attempt + 1, due = ?, answer = ? WHERE id = ?", (due, answer, delivery.id)
        )

    def forget_webhook(self, webhook_id: int) -> None:
        """A deleted webhook's events are lost, as with the vendor."""
        self._sql.execute("DELETE FROM deliveries WHERE webhook_id = ? AND state = 'queued'", (webhook_id,))

    def listing(self, limit: int = 200) -> list[Record]:
        rows = self._sql.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,))
        return [{**dict(row), "payload": json.loads(row["payload"])} for row in rows]
