"""Activities over a real store, the real gateway client and real MCP, with only the far ends stood in for."""

import pytest
from temporalio.testing import ActivityEnvironment

from store.blobs import Blobs
from store.database import Database
from tests.unit.activities.workshop import Workshop


@pytest.fixture
def blobs(db: Database) -> Blobs:
    return Blobs(db)


@pytest.fixture
def env() -> ActivityEnvironment:
    return ActivityEnvironment()


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()
