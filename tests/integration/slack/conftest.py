import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from contracts.converter import data_converter
from contracts.search_attributes import ALL


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[Client]:
    """A real dev server, shared: each test has a run of its own."""
    executable = shutil.which("temporal") or str(Path(sys.executable).parent / "temporal")
    async with await WorkflowEnvironment.start_local(
        data_converter=data_converter, dev_server_existing_path=executable, search_attributes=list(ALL)
    ) as environment:
        yield environment.client
