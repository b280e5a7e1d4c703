"""A pool has all that its agent's runs need, and no more."""

import pytest
from temporalio import activity, workflow
from temporalio.common import VersioningBehavior

from activities.mcp import ToolServers
from contracts.names import COLLECTOR, TICK
from contracts.operations import ACTIVITIES
from gateway.calls.client import Gateway
from store.database import Database
from workers.pool import UNVERSIONED, parts, version
from workflows.registry import AGENTS


@pytest.fixture(params=AGENTS, ids=lambda spec: spec.name)
async def spec_and_parts(request, tmp_path):
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    gateway = Gateway("http://127.0.0.1:9", "sk-test")
    yield request.param, parts(request.param, db, gateway, ToolServers({}), "C0SALES")
    await gateway.close()
    await db.close()


def test_every_activity_is_served(spec_and_parts):
    """A name in contracts that no worker serves would wait for ever."""
    _, its = spec_and_parts
    assert {activity._Definition.must_from_callable(each).name for each in its.activities} == ACTIVITIES.keys()


def test_the_workflows_of_the_agent_are_served(spec_and_parts):
    """By the names that its declaration gives to starter and entity; what its schedules start; and its collector."""
    spec, its = spec_and_parts
    served = {workflow._Definition.must_from_class(each).name for each in its.workflows}
    assert served == {spec.entity_workflow, spec.run_workflow, TICK, COLLECTOR}


def test_no_workflow_leaves_its_version_by_itself(spec_and_parts):
    """Pinned, by the worker's default: `versioning_behavior=AUTO_UPGRADE` would replay an old history with new code."""
    spec, its = spec_and_parts
    assert version(spec, "2026.11.1").default_versioning_behavior is VersioningBehavior.PINNED
    said = {workflow._Definition.must_from_class(each).versioning_behavior for each in its.workflows}
    assert said <= {VersioningBehavior.UNSPECIFIED, VersioningBehavior.PINNED}


def test_a_version_is_the_agents_pool_and_the_build(spec_and_parts):
    """As `./farm deploy` and `temporal worker deployment` name it."""
    spec, _ = spec_and_parts
    config = version(spec, "2026.11.1")
    assert config.version.to_canonical_string() == f"agent-{spec.name}.2026.11.1"
    assert config.use_worker_versioning


def test_without_a_build_the_workers_are_unversioned(spec_and_parts):
    """As on the embedded stack: any code goes on with whatever runs."""
    spec, _ = spec_and_parts
    assert not version(spec, "").use_worker_versioning
    assert version(spec, "").version.build_id == UNVERSIONED
