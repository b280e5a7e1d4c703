"""`python -m tests.replay.record [scenario ...]`: record histories anew, on a real server, on purpose.

Each scenario leaves two files, the deal's own history and its run's; or four, with what a run goes on with when it is
over, and its collector's.
"""

import asyncio
import json
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names, search_attributes
from contracts.agents import Batching, Debounce
from contracts.approvals import ApprovalRequest
from contracts.converter import data_converter
from contracts.events import EntityRef
from contracts.workflows import EntityState
from tests.fakes import FakeFarm
from tests.replay.scenarios import SCENARIOS, Scenario
from tests.replay.scrubbing import scrubbed
from tests.workflow.events import deal_event
from workers.collecting import collect
from workers.workflow_code import agent_workflows, sandbox
from workflows.batch.collector import FarmCollector
from workflows.sales.agent import SALES

HISTORIES = Path(__file__).parent / "histories"
QUEUE = names.task_queue(SALES.name)
QUICK = Debounce(quiet=timedelta(seconds=0.5), longest=timedelta(seconds=5))
SOON = Batching(quiet=timedelta(seconds=0.5))
PATIENCE_S = 20

log = logging.getLogger("record")


async def record(wanted: list[str]) -> None:
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        search_attributes=search_attributes.ALL,
        data_converter=data_converter,
    )
    async with env:
        for name in wanted:
            await _record_one(env.client, name, SCENARIOS[name])


async def _record_one(client: Client, name: str, scenario: Scenario) -> None:
    farm = FakeFarm(dict(scenario.script))
    farm.tool_slow_s.update(scenario.slow)
    farm.batched = ("insight",) if scenario.batched else ()
    farm.batches.takes = timedelta(seconds=1)
    workflows, activities = [*agent_workflows(SALES.name), FarmCollector], farm.activities
    async with Worker(client, task_queue=QUEUE, workflows=workflows, activities=activities, workflow_runner=sandbox()):
        if scenario.batched:
            await collect(client, SALES, SOON)
        deal = await _open_deal(client, name, scenario)
        run = client.get_workflow_handle(names.run_workflow_id(deal.id, 1))
        if scenario.verdict is not None:
            await _decide(run, scenario)
        await _result(run)
        if scenario.batched:
            await _save_what_came_after(client, name, run.id)
        await asyncio.sleep(1)  # the deal's workflow hears of the end, and waits again
        _save(f"{name}-run", await run.fetch_history())
        first = client.get_workflow_handle(deal.id, run_id=deal.first_execution_run_id)
        _save(f"{name}-deal", await first.fetch_history())


async def _save_what_came_after(client: Client, name: str, run: str) -> None:
    later = client.get_workflow_handle(names.later_part_id(run, "learn"))
    await _result(later)
    _save(f"{name}-later", await later.fetch_history())
    collector = client.get_workflow_handle(names.collector_id(SALES.name))
    _save(f"{name}-collector", await collector.fetch_history())


async def _open_deal(client: Client, name: str, scenario: Scenario) -> WorkflowHandle[Any, Any]:
    entity = EntityRef(kind="deal", id=str(42 + list(SCENARIOS).index(name)))
    deal = await client.start_workflow(
        SALES.entity_workflow,
        EntityState(agent=SALES.name, entity=entity, debounce=QUICK, rotate_after=1 if scenario.continued else 100),
        id=names.entity_workflow_id(SALES.name, entity),
        task_queue=QUEUE,
        start_signal=names.EVENT,
        start_signal_args=[deal_event(1, deal=entity.id, label_ids=[2])],
    )
    for number in (2, 3, 3):
        await deal.signal(names.EVENT, deal_event(number, deal=entity.id, stage_id=number))
    if scenario.urgent:
        await deal.signal(names.EVENT, deal_event(4, deal=entity.id, status="lost"))
    return deal


async def _decide(run: WorkflowHandle[Any, Any], scenario: Scenario) -> None:
    decision = scenario.decision((await _question(run)).id)
    if scenario.by_update:
        await run.execute_update(names.DECIDE, decision)
    else:
        await run.signal(names.DECIDE, decision)


async def _question(run: WorkflowHandle[Any, Any]) -> ApprovalRequest:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if asked := await run.query(names.APPROVALS, result_type=list[ApprovalRequest]):
                    await asyncio.sleep(0.5)  # the question is posted, and the run waits for nothing else
                    return asked[0]
            except Exception as error:  # noqa: BLE001  the run isn't there yet
                log.debug("not yet: %s", error)
            await asyncio.sleep(0.1)


async def _result(run: WorkflowHandle[Any, Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await run.result()
            except Exception as error:
                if "not found" not in str(error):
                    raise
                await asyncio.sleep(0.1)
            else:
                return


def _save(name: str, history: Any) -> None:
    file = HISTORIES / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    document = scrubbed(history.to_json_dict())
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    log.info("%s: %d events", file.name, len(document["events"]))


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(record(sys.argv[1:] or list(SCENARIOS)))
