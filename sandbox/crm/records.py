"""Records in SQLite: JSON objects by kind and id. Nothing here knows what a deal is."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Records:
    """One SQLite file, used from one thread (the event loop's)."""

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.sql = sqlite3.connect(path, isolation_level=None)
        self.sql.row_factory = sqlite3.Row
        self.sql.execute("PRAGMA journal_mode = WAL")
        self.sql.executescript(resources.files(__package__).joinpath("schema.sql").read_text("utf-8"))

    def close(self) -> None:
        self.sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing is. Inside another one it is part of that."""
        if self.sql.in_transaction:
            yield
            return
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    def get(self, kind: str, id_: int) -> Record | None:
        row = self.sql.execute("SELECT body FROM records WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        return json.loads(row["body"]) if row else None

    def all(self, kind: str, **equals: Any) -> list[Record]:
        """The records of a kind in order of id, those only whose fields equal `equals` (None leaves a field open)."""
        rows = self.sql.execute("SELECT body FROM records WHERE kind = ? ORDER BY id", (kind,))
        wanted = {field: value for field, value in equals.items() if value is not None}
        found = (json.loads(row["body"]) for row in rows)
        return [record for record in found if all(record.get(f) == v for f, v in wanted.items())]

    def insert(self, kind: str, record: Record) -> Record:
        """Write a new record. Without an `id` it gets the next one of its kind."""
        numbered = {"id": record.get("id") or self._next_id(kind), **{k: v for k, v in record.items() if k != "id"}}
        self.sql.execute("INSERT INTO records VALUES (?, ?, ?)", (kind, numbered["id"], _json(numbered)))
        return numbered

    def replace(self, kind: str, record: Record) -> None:
        self.sql.execute("UPDATE records SET body = ? WHERE kind = ? AND id = ?", (_json(record), kind, record["id"]))

    def remove(self, kind: str, id_: int) -> None:
        self.sql.execute("DELETE FROM records WHERE kind = ? AND id = ?", (kind, id_))

    def _next_id(self, kind: str) -> int:
        row = self.sql.execute("SELECT coalesce(max(id), 0) + 1 FROM records WHERE kind = ?", (kind,)).fetchone()
        return int(row[0])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
