"""A worker process of the toy agent's pool. Its arguments: Temporal's address, the store's URL."""

import asyncio
import sys

from temporalio.client import Client

from activities.records import RecordActivities
from contracts.converter import data_converter
from ops.drill.intake.toy_agent import IntakeDeal, IntakeRun
from store.database import Database
from workers.pool import Parts, build
from workers.settings import WorkerSettings
from workflows.sales.agent import SALES


async def main(temporal: str, store_url: str) -> None:
    db = Database(store_url)
    await db.migrate()
    needed = {"FARM_STORE_URL": store_url, "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    settings = WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}, "SLACK_CHANNEL": "-"})
    its = Parts([IntakeDeal, IntakeRun], RecordActivities(db).all)
    client = await Client.connect(temporal, data_converter=data_converter)
    async with build(client, SALES, its, settings):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
