"""The change log: what every write changed, and by whom. The sandbox's own; the vendor has nothing like it for all."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sandbox.crm.records import Record, Records
from sandbox.crm.times import rfc3339_millis

Action = Literal["create", "change", "delete"]

# Fields that follow from others: neither logged nor told in a webhook's `previous`.
DERIVED = frozenset({"update_time", "stage_change_time", "last_update_user_id"})


@dataclass(frozen=True)
class Actor:
    """Who writes. `source` is "api" for a call with a token, "app" for what the vendor does by itself."""

    user_id: int
    source: Literal["api", "app"] = "api"


@dataclass(frozen=True)
class Written:
    """One write as it happened. `before` is None of a creation, `after` of a deletion."""

    at: datetime
    actor: Actor
    action: Action
    entity: str
    before: Record | None
    after: Record | None

    @property
    def record(self) -> Record:
        return self.after or self.before or {}


def differences(before: Record, after: Record) -> dict[str, Any]:
    """The old values of the fields that differ."""
    return {f: before.get(f) for f in after if f not in DERIVED and before.get(f) != after[f]}


class ChangeLog:
    def __init__(self, records: Records) -> None:
        self._sql = records.sql

    def write(self, written: Written) -> None:
        """Call inside the transaction of the write."""
        id_, deal_id = written.record["id"], written.record.get("deal_id")
        head = (
            rfc3339_millis(written.at), written.actor.user_id, written.actor.source, written.entity, id_,
            id_ if written.entity == "deal" else deal_id, written.action,
        )  # fmt: skip
        for field, old, new in _rows(written):
            self._sql.execute(
                "INSERT INTO changes (at, user_id, source, entity, entity_id, deal_id, action, field, old, new) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*head, field, json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)),
            )

    def since(self, seq: int, deal_id: int | None = None) -> list[Record]:
        """The rows after `seq`, oldest first."""
        rows = self._sql.execute(
            "SELECT * FROM changes WHERE seq > ? AND (? IS NULL OR deal_id = ?) ORDER BY seq", (seq, deal_id, deal_id)
        )
        return [{**dict(row), "old": json.loads(row["old"]), "new": json.loads(row["new"])} for row in rows]


def _rows(written: Written) -> list[tuple[str, Any, Any]]:
    before, after = written.before, written.after
    if before is not None and after is not None:
        return [(field, old, after[field]) for field, old in differences(before, after).items()]
    return [("", _gist(before), _gist(after))]


def _gist(record: Record | None) -> str | None:
    """What a person calls the record: its title, subject, name or text."""
    if record is None:
        return None
    return next((str(record[f]) for f in ("title", "subject", "name", "content") if record.get(f)), "")
