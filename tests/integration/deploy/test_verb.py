"""`./farm deploy`, as a process of its own, on the sales agent's real workflows."""

import asyncio
import json
import sys
from contextlib import AbstractAsyncContextManager

import pytest

from contracts import names
from contracts.agents import Debounce
from contracts.events import EntityRef
from contracts.workflows import EntityState
from ops.places import ROOT
from tests.fakes import FakeFarm
from tests.integration.deploy.conftest import Farm, settings, until, version
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import SKIP
from workers.pool import Parts, build
from workers.workflow_code import agent_workflows
from workflows.sales.agent import SALES

pytestmark = pytest.mark.slow

QUICK = Debounce.model_validate({"quiet": 0.2, "longest": 2})


async def run(farm: Farm, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of `./farm deploy ...`."""
    target = farm.client.service_client.config.target_host
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ops",
        "deploy",
        *words,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TEMPORAL_ADDRESS": target, "FARM_STORE_URL": "sqlite+aiosqlite:///none.db"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_deal_goes_from_one_release_to_the_next(farm: Farm) -> None:
    """Promote, look, promote the next: what the operator types, and what it says."""
    fake = FakeFarm({"triage": [SKIP]})

    def workers(build_id: str) -> AbstractAsyncContextManager[object]:
        return build(farm.client, SALES, Parts(agent_workflows("sales"), fake.activities), settings(build_id))

    async def there() -> bool:
        return bool(fake.runs) and fake.runs[-1].status == "skipped"

    async with workers("2026.11.1"):
        code, out, err = await run(farm, "promote", "--build", "2026.11.1", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)[0] | {"agent": "sales", "woken": 0} == json.loads(out)[0]
        deal = await farm.client.start_workflow(
            SALES.entity_workflow,
            EntityState(agent="sales", entity=EntityRef(kind="deal", id="42"), debounce=QUICK),
            id="sales:deal:42",
            task_queue=names.task_queue("sales"),
            start_signal=names.EVENT,
            start_signal_args=[deal_event(1)],
        )
        await until(there, "no run ended")
        async with workers("2026.11.2"):
            code, out, _ = await run(farm, "promote", "--build", "2026.11.2")
            assert (code, out) == (0, "sales: 2026.11.2 is current; entities told to go over: 1\n")
            assert await version(deal) == "2026.11.2"
            code, out, _ = await run(farm, "status")
            assert code == 0
            new, old = (line.split() for line in out.splitlines()[1:])
            assert new == ["sales", "2026.11.2", "current", "1", "1", "0"]
            assert old in (["sales", "2026.11.1", state, "1", "0", "0"] for state in ("draining", "drained"))


async def test_what_cannot_be_done_is_said(farm: Farm) -> None:
    """A build nobody runs, an agent nobody knows, no build at all: a line, and an exit code."""
    code, _, err = await run(farm, "promote", "--build", "2026.11.3")
    assert code == 1
    assert "no worker of build '2026.11.3' polls for: sales; nothing was changed" in err
    code, _, err = await run(farm, "promote", "--build", "2026.11.3", "--agent", "salse")
    assert (code, "no agent is called 'salse'" in err) == (1, True)
    code, _, err = await run(farm, "promote")
    assert (code, "--build" in err) == (2, True)
