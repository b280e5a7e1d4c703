"""A worker process of the sales agent's pool for `intake`."""

import asyncio

from temporalio.client import Client

from activities.records import RecordActivities
from contracts.converter import data_converter
from store.database import Database
from tests.bench.intake_agent import IntakeDeal, IntakeRun
from tests.bench.intake_traffic import Traffic
from workers.pool import Parts, build
from workers.settings import WorkerSettings
from workflows.sales.agent import SALES


async def main(traffic: Traffic) -> None:
    db = Database(traffic.store_url)
    await db.migrate()
    client = await Client.connect(traffic.temporal, data_converter=data_converter)
    needed = {"FARM_STORE_URL": traffic.store_url, "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    settings = WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}, "SLACK_CHANNEL": "-"})
    async with build(client, SALES, Parts([IntakeDeal, IntakeRun], RecordActivities(db).all), settings):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Traffic.from_argument()))
