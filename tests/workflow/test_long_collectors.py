"""A collector with a long history: on a real server, which suggests a new one."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.agents import Batching
from tests.workflow.batching import Gathering, gathering, learning, site
from tests.workflow.conftest import until
from tests.workflow.teamwork import EVENTS_A_HISTORY, server


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def history_number(its: Gathering) -> str:
    return str((await its.collector.describe()).run_id)


@pytest.mark.slow
async def test_a_collector_goes_on_in_a_new_history_with_what_it_holds(temporal):
    """With a batch under way and a request that waits: both come to their end there, and each once."""
    farm = learning(2)
    async with gathering(temporal, farm, Batching(quiet=timedelta(seconds=1))) as its:
        first = await history_number(its)
        await its.run("1")

        async def submitted() -> bool | None:
            return bool(farm.batches.sizes) or None

        await until(submitted, "nothing was submitted")
        await its.collector.signal(names.BATCHING, Batching(quiet=timedelta(seconds=15)))
        await its.run("2")
        for _ in range(EVENTS_A_HISTORY):
            await its.collector.signal(names.BATCH_ASKED, site("2"))

        async def went_over() -> bool | None:
            return await history_number(its) != first or None

        await until(went_over, "the collector stayed in its history")
        status = await its.status()
        assert (status.waiting, len(status.batches)) == (1, 1)
        farm.batches.takes = timedelta(0)
        await its.collector.signal(names.BATCHING, Batching(quiet=timedelta(seconds=1)))
        await its.learnt("1", "2")
        assert farm.batches.sizes == [1, 1]
        assert len(farm.called("memory__remember")) == 2
