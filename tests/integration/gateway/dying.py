"""`python -m tests.integration.gateway.dying <store> <gateway> <key>`: a worker that dies while it submits.

It sends a batch, and kills itself (kill -9) when the vendor has said yes and before that is noted.
"""

import asyncio
import os
import signal
import sys

import httpx2
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from activities.model import ModelActivities
from contracts.batches import BatchOrder
from gateway.calls.batches import VendorBatches
from gateway.calls.client import Gateway
from store.database import Database


class Fatal(httpx2.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith("/batches"):
            os.kill(os.getpid(), signal.SIGKILL)
        return response


async def main(store: str, url: str, key: str) -> None:
    db, gateway = Database(store), Gateway(url, key, transport=Fatal())
    batch = BatchActivities(db, ModelActivities(db, gateway), VendorBatches(gateway))
    await ActivityEnvironment().run(batch.submit_batch, BatchOrder(agent="sales", token="t1", most=100))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
