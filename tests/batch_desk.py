"""A stand-in for the store's batches and the vendor behind them: what was asked lies here, and ends when it is due."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity

from contracts import names
from contracts.batches import (
    AgentName,
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchStanding,
    BatchWaiter,
    BatchWish,
)
from contracts.calls import CallSite, ModelCall, ModelReply


class BatchDesk:
    """`answer` gives the reply to a call that a batch has answered; it is then found by `answered`."""

    def __init__(self, answer: Callable[[ModelCall], ModelReply]) -> None:
        self._answer = answer
        self.takes = timedelta(hours=1)
        self.fails: set[str] = set()
        """Runs whose requests have no answer when their batch ends."""

        self.states: dict[CallSite, str] = {}
        self.wishes: dict[CallSite, BatchWish] = {}
        self.batches: dict[str, list[CallSite]] = {}
        self.submitted_at: dict[str, datetime] = {}
        self.over: set[str] = set()
        self.answered: dict[CallSite, ModelReply] = {}
        self.looks = 0
        self.troubles: list[Exception] = []
        """What the next submissions raise, after the batch was noted."""

        self.before_submitting: Callable[[], Awaitable[None]] | None = None

    @activity.defn(name=names.ASK_BY_BATCH)
    async def ask_by_batch(self, wish: BatchWish) -> BatchStanding:
        self.wishes.setdefault(wish.call.site, wish)
        self.states.setdefault(wish.call.site, "waiting")
        return self._standing(wish.call.site)

    @activity.defn(name=names.LEAVE_BATCH)
    async def leave_batch(self, leave: BatchLeave) -> BatchStanding:
        if self.states[leave.site] == "waiting":
            self.states[leave.site] = "withdrawn"
        elif leave.for_good:
            self.wishes[leave.site] = self.wishes[leave.site].model_copy(update={"told": ""})
        return self._standing(leave.site)

    @activity.defn(name=names.READ_BATCHES)
    async def read_batches(self, of: AgentName) -> BatchBook:
        open_ones = tuple(BatchRef(agent=of.agent, token=each) for each in self.batches if each not in self.over)
        return BatchBook(waiting=len(self._waiting()), batches=open_ones)

    @activity.defn(name=names.SUBMIT_BATCH)
    async def submit_batch(self, order: BatchOrder) -> BatchProgress:
        if self.before_submitting is not None:
            news, self.before_submitting = self.before_submitting, None
            await news()
        if order.token not in self.batches:
            sites = self._waiting()[: order.most]
            if not sites:
                return BatchProgress(over=True)
            self.batches[order.token] = sites
            self.states |= dict.fromkeys(sites, "in_batch")
        if self.troubles:
            raise self.troubles.pop(0)
        self.submitted_at.setdefault(order.token, _now())
        return self._progress(order.token).model_copy(update={"left": len(self._waiting())})

    @activity.defn(name=names.COLLECT_BATCH)
    async def collect_batch(self, ref: BatchRef) -> BatchProgress:
        self.looks += 1
        if ref.token not in self.batches:
            return BatchProgress(over=True)
        since = self.submitted_at.setdefault(ref.token, _now())
        if ref.token not in self.over and _now() >= since + self.takes:
            self._end(ref.token)
        return self._progress(ref.token)

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (self.ask_by_batch, self.leave_batch, self.read_batches, self.submit_batch, self.collect_batch)

    @property
    def sizes(self) -> list[int]:
        """How many requests each batch has."""
        return [len(sites) for sites in self.batches.values()]

    def _end(self, token: str) -> None:
        self.over.add(token)
        for site in self.batches[token]:
            if site.run in self.fails:
                self.states[site] = "failed"
            else:
                self.states[site] = "answered"
                self.answered[site] = self._answer(self.wishes[site].call)

    def _progress(self, token: str) -> BatchProgress:
        sites, over = self.batches[token], token in self.over
        told = [BatchWaiter(told=self.wishes[site].told, site=site) for site in sites if self.wishes[site].told]
        return BatchProgress(
            vendor_id=f"msgbatch_{token[:8]}", requests=len(sites), over=over, waiters=tuple(told) if over else ()
        )

    def _waiting(self) -> list[CallSite]:
        return [site for site, state in self.states.items() if state == "waiting"]

    def _standing(self, site: CallSite) -> BatchStanding:
        state = self.states[site]
        if state == "in_batch":
            return BatchStanding(state="in_batch", token=next(t for t, sites in self.batches.items() if site in sites))
        return BatchStanding(state="waiting" if state == "waiting" else "settled")


def _now() -> datetime:
    """The server's, which skips time."""
    return activity.info().current_attempt_scheduled_time.astimezone(UTC)
