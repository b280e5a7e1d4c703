"""All questions in one batch of the vendor's: half the price, and an answer within a day, mostly within the hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from anthropic.types import Message, TextBlock

from evals import cases, questions
from evals.answers import verdict
from evals.tools import Desk, ToolError
from gateway.calls.batches import AtVendor, VendorBatches, in_batch
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError

LOOKS_EVERY_S = 2.0
"""At first; then ever more seldom, for a vendor's takes minutes to hours."""

SELDOM_S = 60.0
PATIENCE_S = 25 * 3600.0


class Batch:
    """The farm's own client in the place of a tool: no tool's batches go by a gateway."""

    name = "batch"

    def run(self, desk: Desk) -> dict[str, str]:
        """Verdicts by case id. Raises `ToolError`."""
        try:
            return asyncio.run(_verdicts(desk))
        except GatewayError as error:
            raise ToolError(f"batch: {error}") from error


async def _verdicts(desk: Desk) -> dict[str, str]:
    async with _vendor(desk) as vendor:
        model = (await vendor.hosted()).get(questions.ROLE)
        if model is None:
            raise ToolError(f"batch: whoever plays {questions.ROLE} at {desk.gateway} takes no batches")
        prompt = desk.prompt
        asked = {each.id: in_batch(questions.call(each, prompt), model.model) for each in cases.load()}
        batch = await vendor.create(f"eval-{uuid4().hex}", asked)
        await _over(vendor, batch)
        return {each.custom_id: _said(each.message) async for each in vendor.results(batch.id)}


@asynccontextmanager
async def _vendor(desk: Desk) -> AsyncIterator[VendorBatches]:
    gateway = Gateway(desk.gateway, desk.key)
    try:
        yield VendorBatches(gateway)
    finally:
        await gateway.close()


async def _over(vendor: VendorBatches, batch: AtVendor) -> None:
    waited, pause = 0.0, LOOKS_EVERY_S
    while not (await vendor.get(batch.id)).over:
        if waited > PATIENCE_S:
            raise ToolError(f"batch: {batch.id} isn't over after a day")
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, SELDOM_S)


def _said(message: Message | None) -> str:
    """Empty for a request that came to nothing: it counts as wrong, as a bad answer does."""
    blocks = message.content if message else []
    return verdict("".join(block.text for block in blocks if isinstance(block, TextBlock)))
