"""How many bytes a run keeps durably in an SQLite file. Standard library alone."""

import sqlite3
from contextlib import closing
from pathlib import Path


def file_bytes(file: Path) -> int:
    """The file's size, with all that was written ahead brought into it first."""
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size
