"""A contender on Temporal: a worker with the SDK's own settings, and runs started and measured in its process."""

import os
from collections.abc import Sequence
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from tests.bench.drive import drive, run_id
from tests.bench.job import Job, Measured
from tests.bench.temporal import outcome_of, size_of, turns_of

QUEUE = "peers"


async def measure(job: Job, name: str, workflow: type, activities: Sequence[Any], plugin: Any, tool: str) -> Measured:
    """`workflow.run` takes the number of turns. `tool`: part of the name of the activity that calls the tool."""
    client = await Client.connect(job.temporal, plugins=[plugin])
    first: dict[str, str] = {}

    async def run(number: str, turns: int) -> str:
        handle = await client.start_workflow(workflow.run, turns, id=f"{name}/{number}", task_queue=f"{QUEUE}-{name}")
        first[number] = handle.first_execution_run_id or ""
        return await outcome_of(handle)

    async with Worker(client, task_queue=f"{QUEUE}-{name}", workflows=[workflow], activities=activities):
        measured = await drive(job, run)
        number = run_id(job.runs)
        workflow_id = f"{name}/{number}"
        measured.history_bytes, measured.events = await size_of(client, workflow_id, first[number])
        if measured.outcome != "completed":
            measured.turns_done = await turns_of(client, workflow_id, first[number], tool)
            measured.print()
            # A run that the server ended can keep its worker from stopping; what there is to say is said.
            os._exit(0)
    return measured
