"""`python -m ops.schedules`: make Temporal's schedules what the agents declare, and end.

One that is declared anew is created, one declared otherwise is updated (and stays paused where somebody paused it), and
one that no agent declares any more is deleted. Schedules that aren't the farm's are left alone.
"""

import os
from collections.abc import Iterable, Mapping

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

from contracts.agents import AgentSpec
from contracts.names import TICK, schedule_id, task_queue
from contracts.workflows import Tick
from ops.connections import Addresses, temporal
from ops.errors import FarmError
from ops.leaving import carry_out
from workflows.registry import AGENTS

OURS = schedule_id("", "").rstrip(":") + ":"
"""How the name of each schedule of the farm begins."""


async def settle(client: Client, agents: Iterable[AgentSpec]) -> None:
    """FarmError where Temporal refuses one; it names the schedule."""
    declared = wanted(agents)
    there = {each.id async for each in await client.list_schedules() if each.id.startswith(OURS)}
    for name, schedule in declared.items():
        try:
            await _make(client, name, schedule)
        except RPCError as error:
            raise FarmError(f"Temporal refuses {name}: {error.message}", "Is its cron right?") from error
    for name in there - declared.keys():
        await client.get_schedule_handle(name).delete()


def wanted(agents: Iterable[AgentSpec]) -> Mapping[str, Schedule]:
    """Name of a schedule -> what Temporal is to know of it. Pure."""
    return {
        schedule_id(spec.name, each.name): Schedule(
            action=ScheduleActionStartWorkflow(
                TICK,
                Tick(
                    agent=spec.name,
                    entity_workflow=spec.entity_workflow,
                    schedule=each.name,
                    entity=each.entity,
                    summary=each.summary,
                ),
                id=f"tick:{spec.name}:{each.name}",
                task_queue=task_queue(spec.name),
            ),
            spec=ScheduleSpec(cron_expressions=[each.cron], time_zone_name=spec.time_zone),
            # The event's own workflow sees to it that runs follow one another.
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.ALLOW_ALL),
        )
        for spec in agents
        for each in spec.schedules
    }


async def _make(client: Client, name: str, schedule: Schedule) -> None:
    def as_declared(given: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = given.description.schedule.state
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(as_declared)


async def _main() -> None:
    client = await temporal(Addresses(store_url="", temporal_address=os.environ["TEMPORAL_ADDRESS"]))
    await settle(client, AGENTS)


if __name__ == "__main__":
    carry_out(_main())
