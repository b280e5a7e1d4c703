"""A worker process of the toy agent's pool. Its arguments: Temporal's address, the store's URL, a port to answer on."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from temporalio.client import Client
from temporalio.worker import Worker

from activities.records import RecordActivities
from contracts.converter import data_converter
from ops.drill.intake.toy_agent import IntakeDeal, IntakeRun
from store.database import Database
from workers.pool import Parts, build
from workers.process import app
from workers.settings import WorkerSettings
from workflows.sales.agent import SALES


@asynccontextmanager
async def polling(temporal: str, store_url: str) -> AsyncIterator[Worker]:
    db = Database(store_url)
    await db.migrate()
    client = await Client.connect(temporal, data_converter=data_converter)
    needed = {"FARM_STORE_URL": store_url, "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    settings = WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}, "SLACK_CHANNEL": "-"})
    its = Parts([IntakeDeal, IntakeRun], RecordActivities(db).all)
    async with build(client, SALES, its, settings) as worker:
        yield worker
    await db.close()


if __name__ == "__main__":
    _, address, url, port = sys.argv
    uvicorn.run(app(SALES, polling(address, url)), port=int(port), log_config=None, access_log=False)
