"""What all tool servers' tests stand on: the store's ledger, as living and dead servers use it."""

from datetime import timedelta

import pytest

from store.database import Database
from store.tool_ledger import ToolLedger


@pytest.fixture
def ledger(db: Database) -> ToolLedger:
    return ToolLedger(db)


@pytest.fixture
def dead(db: Database) -> ToolLedger:
    """The ledger of a server that died: what it began, nobody holds any more."""
    return ToolLedger(db, lease=timedelta(0))
