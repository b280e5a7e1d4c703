"""Requests that aren't urgent, by the vendor's batches: asked for, submitted once, and their answers entered once.

The vendor takes no name of ours for a batch, so a submission whose end nobody saw could be a second batch when it is
sent again. Hence it is noted before it is sent; and where nothing says how it went, the vendor's newest batches are
looked through for our requests' own names before anything is sent again.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from temporalio import activity

from activities.failures import model_error
from activities.heartbeat import heartbeats
from activities.model import ModelActivities, bill_of
from contracts import names
from contracts.batches import (
    AgentName,
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchStanding,
    BatchWish,
)
from contracts.failures import Failure
from gateway.calls.batches import AtVendor, Hosted, Result, VendorBatches, answer, in_batch
from gateway.calls.call import Block
from gateway.calls.failures import GatewayError
from store.batches import Batch, Batches, Gathered, Kept
from store.database import Database
from store.errors import StoreError
from store.transcripts import Transcripts

SHOWN_AFTER = timedelta(minutes=5)
"""How long the vendor, or the gateway on the way there, may still be taking in what was sent. Nobody is in a hurry."""

CLOCKS_DIFFER = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(hours=25)
"""A batch ends within a day at the vendor. One that can't be read by then is given up."""


class BatchActivities:
    def __init__(
        self,
        db: Database,
        model: ModelActivities,
        vendor: VendorBatches,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._batches = Batches(db, Transcripts(db))
        self._model = model
        self._vendor = vendor
        self._now = clock

    @activity.defn(name=names.ASK_BY_BATCH)
    async def ask_by_batch(self, wish: BatchWish) -> BatchStanding:
        """Enter a request. One that was entered before stands as it does."""
        return await self._batches.ask(wish, self._now())

    @activity.defn(name=names.LEAVE_BATCH)
    async def leave_batch(self, leave: BatchLeave) -> BatchStanding:
        """Take a request out, unless it is in a batch already."""
        return await self._batches.leave(leave, self._now())

    @activity.defn(name=names.READ_BATCHES)
    async def read_batches(self, of: AgentName) -> BatchBook:
        """What waits, and what is under way."""
        return await self._batches.book(of.agent)

    @activity.defn(name=names.SUBMIT_BATCH)
    async def submit_batch(self, order: BatchOrder) -> BatchProgress:
        """Gather what waits, and submit it. Tried again, it is the same batch."""
        async with heartbeats():
            batch = await self._batches.gather(order, self._now())
            if batch is None:
                return BatchProgress(over=True)
            progress = await self._submitted(batch)
            return progress.model_copy(update={"left": await self._batches.waiting(order.agent)})

    @activity.defn(name=names.COLLECT_BATCH)
    async def collect_batch(self, ref: BatchRef) -> BatchProgress:
        """Look how a batch stands. Where it has ended, every answer is entered, and what has none goes by itself."""
        async with heartbeats():
            batch = await self._batches.get(ref.token)
            if batch is None:
                return BatchProgress(over=True)
            if batch.over_at is None and batch.vendor_id:
                return await self._collected(batch)
            return await self._submitted(batch)

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.ask_by_batch, self.leave_batch, self.read_batches, self.submit_batch, self.collect_batch)

    # -- submitting --

    async def _submitted(self, batch: Batch) -> BatchProgress:
        if batch.over_at is not None:
            return await self._over(batch)
        if batch.vendor_id:
            return _under_way(batch, batch.vendor_id)
        if batch.tried_at is None:
            return await self._send(batch)
        try:
            found, certain = await self._found(batch, batch.tried_at)
        except GatewayError as error:
            raise model_error(error.failure) from None
        if found:
            await self._batches.taken(batch.token, found, batch.tried_at)
            return _under_way(batch, found)
        return await self._send(batch) if certain else _under_way(batch, "")

    async def _found(self, batch: Batch, tried_at: datetime) -> tuple[str, bool]:
        """The vendor's name for a batch that was sent at `tried_at`, where it has it; and whether that is certain.

        Whose a batch is shows in its results alone. So one that may be ours, and hasn't ended, is waited for.
        """
        if self._now() < tried_at + SHOWN_AFTER:
            return "", False
        newest = await self._vendor.since(tried_at - CLOCKS_DIFFER)
        others = await self._batches.known([each.id for each in newest])
        alike = [each for each in newest if each.requests == batch.requests and each.id not in others]
        for each in alike:
            if each.over and await self._is_ours(each, batch.token):
                return each.id, True
        return "", all(each.over for each in alike)

    async def _is_ours(self, at_vendor: AtVendor, token: str) -> bool:
        async for result in self._vendor.results(at_vendor.id):
            return result.custom_id.startswith(f"{token}-")
        return False

    async def _send(self, batch: Batch) -> BatchProgress:
        try:
            ready = await self._made_ready(batch)
            if not ready:
                return await self._handed_back(batch, "no request of it could be sent")
            models = {custom_id: asdict(model) for custom_id, (model, _) in ready.items()}
            await self._batches.trying(batch.token, models, self._now())
            taken = await self._vendor.create(batch.token, {name: params for name, (_, params) in ready.items()})
        except GatewayError as error:
            return await self._not_taken(batch, error.failure)
        await self._batches.taken(batch.token, taken.id, self._now())
        return BatchProgress(vendor_id=taken.id, requests=len(ready))

    async def _made_ready(self, batch: Batch) -> dict[str, tuple[Hosted, Block]]:
        """Custom id -> model and parameters. What can't be sent in a batch goes by itself, and says there why."""
        hosted = await self._vendor.hosted()
        ready: dict[str, tuple[Hosted, Block]] = {}
        for each in await self._batches.requests(batch.token):
            try:
                asked = (await self._model.made_ready(each.call)).asked
            except StoreError as error:
                await self._batches.failed(each.call.site, str(error), self._now())
                continue
            name = asked.model or asked.role
            if (model := hosted.get(name)) is None:
                await self._batches.failed(each.call.site, f"{name}: no vendor with batches", self._now())
            else:
                ready[each.custom_id] = (model, in_batch(self._vendor.by_role(asked), model.model))
        return ready

    async def _not_taken(self, batch: Batch, failure: Failure) -> BatchProgress:
        """Where the vendor clearly said no, nothing is at it. Of any other failure nothing is known."""
        if not _said_no(failure):
            raise model_error(failure)
        await self._batches.not_taken(batch.token)
        if failure.kind == "passing":
            raise model_error(failure)
        return await self._handed_back(batch, failure.message)

    # -- collecting --

    async def _collected(self, batch: Batch) -> BatchProgress:
        try:
            at_vendor = await self._vendor.get(batch.vendor_id)
            if not at_vendor.over:
                return _under_way(batch, batch.vendor_id)
            await self._enter_results(batch, at_vendor)
        except GatewayError as error:
            if error.failure.kind == "passing" or not self._is_given_up(batch):
                raise model_error(error.failure) from None
            return await self._handed_back(batch, error.failure.message)
        return await self._handed_back(batch, "the vendor's results have nothing of it")

    async def _enter_results(self, batch: Batch, at_vendor: AtVendor) -> None:
        by_id = {each.custom_id: each for each in await self._batches.requests(batch.token)}
        async for result in self._vendor.results(batch.vendor_id):
            if gathered := by_id.pop(result.custom_id, None):
                await self._enter(batch, at_vendor, gathered, result)

    async def _enter(self, batch: Batch, at_vendor: AtVendor, gathered: Gathered, result: Result) -> None:
        call, now = gathered.call, self._now()
        if result.message is None:
            await self._batches.failed(call.site, result.reason, now)
            return
        asked_at = batch.submitted_at or batch.begun_at
        latency = ((at_vendor.ended_at or now) - asked_at).total_seconds()
        said = answer(result.message, Hosted(**gathered.model), max(latency, 0.0))
        reply, turns = (await self._model.made_ready(call)).answered(said)
        kept = Kept(reply, turns, asked=said.priced_as, latency_s=said.latency_s, bill=bill_of(said, batch=True))
        await self._batches.answered(call, kept, asked_at, now)

    def _is_given_up(self, batch: Batch) -> bool:
        return self._now() > (batch.submitted_at or batch.begun_at) + GIVEN_UP_AFTER

    async def _handed_back(self, batch: Batch, reason: str) -> BatchProgress:
        """Nothing more will come of it: what is still open goes by itself."""
        await self._batches.over(batch.token, self._now(), reason)
        return await self._over(batch)

    async def _over(self, batch: Batch) -> BatchProgress:
        waiters = await self._batches.waiters(batch.token)
        return BatchProgress(vendor_id=batch.vendor_id, requests=batch.requests, over=True, waiters=waiters)


def _under_way(batch: Batch, vendor_id: str) -> BatchProgress:
    return BatchProgress(vendor_id=vendor_id, requests=batch.requests)


def _said_no(failure: Failure) -> bool:
    """Whether an answer says that nothing was taken in. A server's error, or none at all, says nothing."""
    status = failure.status or 0
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.REQUEST_TIMEOUT
