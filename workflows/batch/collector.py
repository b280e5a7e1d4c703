"""The long-lived workflow that gathers an agent's requests which aren't urgent, and sees their batches through.

What waits and what became of it is in the store, and that decides; here is only when to look. So a collector that was
lost begins anew with what is on record, and one that is told of a request twice, or late, does no harm.
"""

import asyncio
from contextlib import suppress
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from contracts import names
from contracts.agents import Batching
from contracts.batches import (
    AgentName,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchWaiter,
    CollectorState,
    CollectorStatus,
    OpenBatch,
)
from contracts.calls import CallSite
from contracts.search_attributes import AGENT_NAME, LONGEST_KEYWORD, WAITING_FOR
from workflows import steps
from workflows.batch.window import Window, next_look

NOTHING = "requests that aren't urgent"


@workflow.defn(name=names.COLLECTOR)
class FarmCollector:
    """One for each agent that has requests which may wait."""

    @workflow.init
    def __init__(self, state: CollectorState) -> None:
        self.agent = state.agent
        self.how = state.batching
        self.window = Window.carried(state)
        self.batches = {batch.token: batch for batch in state.batches}
        self.begun = state.begun
        self.shown = ""

    @workflow.signal(name=names.BATCHING)
    def gather_so(self, how: Batching) -> None:
        """From a worker at its start: as its code, or its setting, declares now."""
        self.how = how

    @workflow.signal(name=names.BATCH_ASKED)
    def asked(self, site: CallSite) -> None:
        """A request waits in the store."""
        self.window.put(site, workflow.now())

    @workflow.signal(name=names.UPGRADE)
    def upgrade(self) -> None:
        """Take a step: the server tells a workflow of another version only then."""

    @workflow.query(name=names.STATUS)
    def status(self) -> CollectorStatus:
        return CollectorStatus(
            agent=self.agent,
            waiting=self.window.count,
            due_at=self.window.due_at(self.how),
            batches=tuple(self.batches.values()),
        )

    @workflow.run
    async def run(self, state: CollectorState) -> None:  # noqa: ARG002  @workflow.init has taken it
        """Gather, submit, look, tell: for as long as the agent has workers."""
        if not self.begun:
            await self._take_up()
        while not _goes_over():
            self._show()
            await self._until_due()
            if self._is_due():
                await self._submit()
            for batch in self._to_be_looked_at():
                await self._look_at(batch)
        workflow.continue_as_new(
            self._state(), initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
        )

    async def _take_up(self) -> None:
        """What an earlier collector left."""
        workflow.upsert_search_attributes([AGENT_NAME.value_set(self.agent)])
        book = await steps.read_batches(AgentName(agent=self.agent))
        now = workflow.now()
        self.window.find(book.waiting, now)
        for ref in book.batches:
            self.batches[ref.token] = OpenBatch(token=ref.token, since=now, next_look=now)
        self.begun = True

    async def _until_due(self) -> None:
        """Until a window closes, a batch is to be looked at, or another version is to go on. Another request only
        moves the window's end, unless it is its first or its last.
        """
        due, first_at, how = self._due_at(), self.window.first_at, self.how
        if due is not None and due <= workflow.now():
            return
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: (
                    self.window.first_at != first_at
                    or self.window.count >= self.how.most
                    or self.how != how
                    or _goes_over()
                ),
                timeout=due - workflow.now() if due else None,
                timeout_summary=f"{self.window.count} requests wait, {len(self.batches)} batches are under way",
            )

    def _due_at(self) -> datetime | None:
        dates = [self.window.due_at(self.how), *(batch.next_look for batch in self.batches.values())]
        return min((date for date in dates if date), default=None)

    def _is_due(self) -> bool:
        due = self.window.due_at(self.how)
        return due is not None and due <= workflow.now()

    def _to_be_looked_at(self) -> list[OpenBatch]:
        return [batch for batch in self.batches.values() if batch.next_look <= workflow.now()]

    async def _submit(self) -> None:
        """What waits becomes a batch. Where it isn't known how that went, the next look finds out."""
        now, token = workflow.now(), workflow.uuid4().hex
        self.window.take()
        self.batches[token] = OpenBatch(token=token, since=now, next_look=next_look(self.how, 0, now))
        order = BatchOrder(agent=self.agent, token=token, most=self.how.most)
        try:
            progress = await steps.submit_batch(order)
        except ActivityError as failure:
            _raise_if_cancelled(failure)
        else:
            # Told of meanwhile or not: what waits is counted in the store.
            self.window.find(max(progress.left - len(self.window.waiting), 0), workflow.now())
            await self._came_to(self.batches[token], progress)

    async def _look_at(self, batch: OpenBatch) -> None:
        looks, now = batch.looks + 1, workflow.now()
        self.batches[batch.token] = batch.model_copy(
            update={"looks": looks, "next_look": next_look(self.how, looks, now)}
        )
        try:
            progress = await steps.collect_batch(BatchRef(agent=self.agent, token=batch.token))
        except ActivityError as failure:
            _raise_if_cancelled(failure)
        else:
            await self._came_to(self.batches[batch.token], progress)

    async def _came_to(self, batch: OpenBatch, progress: BatchProgress) -> None:
        if progress.over:
            del self.batches[batch.token]
            await asyncio.gather(*(_tell(waiter) for waiter in progress.waiters))
            return
        known = {"vendor_id": progress.vendor_id, "requests": progress.requests}
        self.batches[batch.token] = batch.model_copy(update=known)

    def _show(self) -> None:
        waiting_for = "; ".join(self._waits())[:LONGEST_KEYWORD] or NOTHING
        if waiting_for != self.shown:
            self.shown = waiting_for
            workflow.upsert_search_attributes([WAITING_FOR.value_set(waiting_for)])

    def _waits(self) -> list[str]:
        told = [_told(batch) for batch in self.batches.values()]
        if due := self.window.due_at(self.how):
            told.append(f"more requests until {due:%H:%M}")
        return told

    def _state(self) -> CollectorState:
        return CollectorState(
            agent=self.agent,
            batching=self.how,
            waiting=tuple(self.window.waiting),
            found=self.window.found,
            first_at=self.window.first_at,
            last_at=self.window.last_at,
            batches=tuple(self.batches.values()),
            begun=True,
        )


def _told(batch: OpenBatch) -> str:
    name = batch.vendor_id or "not yet at the vendor"
    return f"batch {name} of {batch.requests} requests, since {batch.since:%d %b %H:%M}"


def _goes_over() -> bool:
    """To a short history, or to the workers' current version. Nothing is under way then that isn't carried."""
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()


def _raise_if_cancelled(failure: ActivityError) -> None:
    if is_cancelled_exception(failure):
        raise failure
    workflow.logger.warning("a batch is looked at again later: %s", failure.cause or failure)


async def _tell(waiter: BatchWaiter) -> None:
    with suppress(FailureError):  # It has ended, or was stopped: nobody waits.
        await workflow.get_external_workflow_handle(waiter.told).signal(names.BATCH_SETTLED, waiter.site)
