"""Two versions of an agent's workers side by side, on a real server: who goes on with what."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus
from temporalio.client import WorkflowExecutionStatus

from contracts import names
from contracts.agents import Batching
from contracts.batches import CollectorStatus
from contracts.calls import CallSite
from contracts.steering import Pause
from ops import deployments
from ops.deploying import make_current, promote
from ops.deployments import UNVERSIONED, pool
from ops.errors import FarmError
from tests.integration.deploy.conftest import Farm, status, until, version
from tests.integration.deploy.toy import TOY
from workers.collecting import collect

DRAINED = WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED


async def test_a_run_ends_where_it_began_and_the_next_is_on_the_current_version(farm: Farm) -> None:
    """A run that waits for a person isn't touched by a deploy; its entity goes over after it, with all news since."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.tell("42", "e1")
        await farm.begun("42", 1)
        done = await farm.promote("v2")
        assert (done.woken, done.entities_left, done.runs_left) == (1, 1, 1)
        await farm.tell("42", "e2", "e3")
        assert await version(farm.deal("42")) == "v1"
        await farm.approve("42", 1)
        await farm.begun("42", 2)
        assert await version(farm.deal("42")) == "v2"
        await farm.approve("42", 2)
        await farm.ended("42", 2)
    assert farm.story("42", 1) == [("begun", "v1"), ("ended", "v1")]
    assert farm.story("42", 2) == [("begun", "v2"), ("ended", "v2")]
    assert farm.book.events() == ["e1", "e2", "e3"]


@pytest.mark.slow
async def test_a_run_that_goes_on_in_a_new_history_stays_on_its_version(farm: Farm) -> None:
    """A long run continues as new in its middle: what it carries is for its own code alone."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.tell("42", "e1")
        await farm.begun("42", 1)
        await farm.promote("v2")
        await farm.run("42", 1).signal(names.PAUSE, Pause())

        async def begun_again() -> bool:
            return len(farm.story("42", 1)) > 1

        await until(begun_again, "the run did not go on in a new history")
        await farm.approve("42", 1)
        await farm.ended("42", 1)
    assert farm.story("42", 1) == [("begun", "v1"), ("begun", "v1"), ("ended", "v1")]


async def test_an_entity_without_news_goes_over_when_a_build_is_promoted(farm: Farm) -> None:
    """A deal that would sleep for months is on the new version a moment later, and holds up nothing."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        for deal in ("1", "2"):
            await farm.one_run(deal)
        done = await farm.promote("v2")
        assert (done.woken, done.entities_left, done.runs_left) == (2, 0, 0)
        assert [await version(farm.deal(deal)) for deal in ("1", "2")] == ["v2", "v2"]


async def test_a_collector_goes_over_with_what_it_has_gathered(farm: Farm) -> None:
    """Requests that wait for a batch wait on in the new version, until the same moment; nothing is asked for twice."""
    collector = farm.client.get_workflow_handle(names.collector_id(TOY.name))

    async def gathered() -> CollectorStatus:
        found: CollectorStatus = await collector.query(names.STATUS, result_type=CollectorStatus)
        return found

    async def went_over() -> bool:
        return await version(collector) == "v2"

    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await collect(farm.client, TOY, Batching(quiet=timedelta(hours=1)))
        await collector.signal(names.BATCH_ASKED, CallSite(run="toy:deal:42/run-1", step="learn-1"))
        before = await gathered()
        done = await farm.promote("v2")
        assert (done.woken, done.entities_left, done.runs_left) == (0, 0, 0)
        await until(went_over, "the collector did not go over")
        assert before.waiting == 1
        assert await gathered() == before


@pytest.mark.slow
async def test_news_wakes_an_entity_into_the_current_version(farm: Farm) -> None:
    """One that nobody woke goes over by its next event, before the run that the event begins."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.promote("v2")
        await farm.promote("v1")
        await farm.one_run("42")
        await make_current(farm.client, TOY.name, "v2")
        assert await version(farm.deal("42")) == "v1"
        await farm.tell("42", "e2")
        await farm.begun("42", 2)
        assert farm.story("42", 2) == [("begun", "v2")]


@pytest.mark.slow
async def test_no_event_is_lost_or_doubled_while_an_entity_goes_over(farm: Farm) -> None:
    """A stream of events through three deploys reaches the runs, each once."""
    sent = [f"e{number}" for number in range(60)]

    async def stream() -> None:
        for event in sent:
            await farm.tell("42", event)
            await asyncio.sleep(0.02)

    async def deploys() -> None:
        for build in ("v2", "v1", "v2"):
            await farm.promote(build)

    async def people() -> None:
        number = 1
        while True:
            if farm.story("42", number):
                await farm.approve("42", number)
                number += 1
            await asyncio.sleep(0.02)

    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        approving = asyncio.create_task(people())
        await asyncio.gather(stream(), deploys())

        async def all_there() -> bool:
            return len(farm.book.events()) >= len(sent)

        await until(all_there, "events are missing")
        approving.cancel()
    assert sorted(farm.book.events()) == sorted(sent)


@pytest.mark.slow
async def test_promoting_the_build_before_takes_a_deploy_back(farm: Farm) -> None:
    """Entities go back, and the next run is by the old code again; the bad version's own runs end on it."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.one_run("42")
        await farm.promote("v2")
        await farm.tell("42", "e2")
        await farm.begun("42", 2)
        await farm.promote("v1")
        await farm.approve("42", 2)
        await farm.tell("42", "e3")
        await farm.begun("42", 3)
    assert farm.story("42", 2) == [("begun", "v2"), ("ended", "v2")]
    assert farm.story("42", 3) == [("begun", "v1")]


@pytest.mark.slow
async def test_an_old_version_drains(farm: Farm) -> None:
    """When its runs have ended and its entities went over, Temporal says so: its workers may go."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.tell("42", "e1")
        await farm.begun("42", 1)
        await farm.promote("v2")
        await asyncio.sleep(5)  # longer than the grace period: what is open holds it up
        assert await farm.state_of("v1") != DRAINED
        await farm.approve("42", 1)

        async def drained() -> bool:
            return await farm.state_of("v1") == DRAINED

        await until(drained, "v1 did not drain")
        assert await version(farm.deal("42")) == "v2"


@pytest.mark.slow
async def test_a_run_whose_version_has_no_workers_waits(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """It neither fails nor goes on with code that doesn't fit; a worker of its version finds it as it was."""
    async with farm.workers("v2"):
        async with farm.workers("v1"):
            await farm.promote("v1")
            await farm.tell("42", "e1")
            await farm.begun("42", 1)
        await farm.promote("v2")
        await farm.approve("42", 1)
        await asyncio.sleep(2)
        assert await status(farm.run("42", 1)) == WorkflowExecutionStatus.RUNNING
        assert farm.story("42", 1) == [("begun", "v1")]
        monkeypatch.setattr(deployments, "POLLED_WITHIN", timedelta(seconds=1))
        (old,) = [each for each in (await pool(farm.client, TOY)).versions if each.build == "v1"]
        assert (old.entities, old.runs, old.waits_for_workers) == (1, 1, True)
        async with farm.workers("v1"):
            await farm.ended("42", 1)
            await farm.goes_over("42", "v2")
    assert farm.story("42", 1) == [("begun", "v1"), ("ended", "v1")]


@pytest.mark.slow
async def test_a_farm_begins_to_be_versioned_and_stops(farm: Farm) -> None:
    """Unversioned work goes over to the first version that is promoted, asleep or not, and back."""
    async with farm.workers(""), farm.workers("v1"):
        await farm.one_run("1")
        await farm.tell("2", "e2")
        await farm.begun("2", 1)
        assert await version(farm.deal("1")) == ""
        await farm.promote("v1")
        await farm.goes_over("1", "v1")
        await farm.approve("2", 1)
        await farm.ended("2", 1)
        await farm.promote(UNVERSIONED)
        await farm.goes_over("1", "")
    assert farm.story("2", 1) == [("begun", "v1"), ("ended", "v1")]


@pytest.mark.slow
async def test_a_pool_is_told_by_its_versions(farm: Farm) -> None:
    """Which is current, how many workers each has, and what is open on it."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.tell("1", "e1")
        await farm.begun("1", 1)
        await farm.promote("v2")
        await farm.one_run("2")
        versions = (await pool(farm.client, TOY)).versions
    told = {each.build: (each.state, each.workers, each.entities, each.runs) for each in versions}
    assert told == {"v2": ("current", 1, 1, 0), "v1": ("draining", 1, 1, 1)}


@pytest.mark.slow
async def test_a_build_without_workers_is_not_promoted(farm: Farm) -> None:
    """All new work would go where nobody takes it; the one that is current stays."""
    async with farm.workers("v1"):
        await farm.promote("v1")
        with pytest.raises(FarmError, match=r"no worker of build 'v3' polls for: toy; nothing was changed"):
            await promote(farm.client, (TOY,), "v3")
        (only,) = (await pool(farm.client, TOY)).versions
        assert (only.build, only.state) == ("v1", "current")


@pytest.mark.slow
async def test_an_entity_is_woken_by_hand(farm: Farm) -> None:
    """`temporal workflow signal --name upgrade` does what promote does for one."""
    async with farm.workers("v1"), farm.workers("v2"):
        await farm.promote("v1")
        await farm.promote("v2")
        await farm.promote("v1")
        await farm.one_run("42")
        await make_current(farm.client, TOY.name, "v2")
        await farm.deal("42").signal(names.UPGRADE)
        await farm.goes_over("42", "v2")
