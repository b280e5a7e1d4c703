"""What the door counts, for Prometheus: `GET /metrics`. Every label has a closed set of values."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Literal, get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from starter.answers import Outcome
from starter.intake.door_book import AWAY
from starter.refusals import REASONS, Reason
from store.inbox import Waiting

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that the store gets to say how much waits. Without an answer the last one stands."""

KnownBy = Literal["actor", "fingerprint"]
Missing = Literal["own_user", "store"]


class Measures:
    """A registry of its own, so that several doors in one process don't share their counts.

    `sources`: all there are.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "farm_intake_requests",
            "Requests from outside, by what became of them.",
            ["source", "outcome", "status"],
            registry=self.registry,
        )
        self._refused = Counter(
            "farm_intake_refused", "Requests refused, by why.", ["source", "reason"], registry=self.registry
        )
        self._seconds = Histogram(
            "farm_intake_seconds",
            "Seconds from a request's arrival to its answer.",
            ["source"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10),
            registry=self.registry,
        )
        self._own_writes = Counter(
            "farm_own_writes",
            "Events that tell of the farm's own writes, by what they are known.",
            ["by"],
            registry=self.registry,
        )
        self._unsure = Counter(
            "farm_own_writes_unsure",
            "Events taken though it couldn't be asked whether the farm wrote it, by what was missing.",
            ["missing"],
            registry=self.registry,
        )
        self.in_flight = Gauge("farm_in_flight", "Requests that are being worked on.", registry=self.registry)
        self._waiting = Gauge("farm_inbox_waiting", "Events in the spool, for Temporal.", registry=self.registry)
        self._oldest = Gauge(
            "farm_inbox_oldest_seconds", "Age of the oldest event in the spool.", registry=self.registry
        )
        self._quarantined = Gauge(
            "farm_quarantine_waiting", "What waits in quarantine for a person.", registry=self.registry
        )
        for by in get_args(KnownBy):
            self._own_writes.labels(by)
        for missing in get_args(Missing):
            self._unsure.labels(missing)
        for source in sources:
            self._seconds.labels(source)
            for reason in REASONS:
                self._refused.labels(source, reason)

    def answered(self, source: str, outcome: Outcome, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(source, outcome, str(status)).inc()
        self._seconds.labels(source).observe(seconds)

    def refused(self, source: str, reason: Reason) -> None:
        """Count why."""
        self._refused.labels(source, reason).inc()

    def own_write(self, by: KnownBy) -> None:
        """Count an event of the farm's own doing."""
        self._own_writes.labels(by).inc()

    def unsure(self, missing: Missing) -> None:
        """Count an event of which nobody could say."""
        self._unsure.labels(missing).inc()

    def holds(self, spool: Waiting, quarantined: int) -> None:
        """What is in the store now."""
        self._waiting.set(spool.rows)
        self._oldest.set(age_s(spool))
        self._quarantined.set(quarantined)


class Metrics:
    """The route."""

    def __init__(
        self, measures: Measures, spool: Callable[[], Awaitable[Waiting]], quarantine: Callable[[], Awaitable[int]]
    ) -> None:
        self._measures = measures
        self._spool = spool
        self._quarantine = quarantine

    async def show(self, _: Request) -> Response:
        """In Prometheus' text format."""
        try:
            async with asyncio.timeout(PATIENCE):
                self._measures.holds(await self._spool(), await self._quarantine())
        except AWAY as error:
            log.warning("what waits in the store isn't known: %s", type(error).__name__)
        return Response(generate_latest(self._measures.registry), media_type=CONTENT_TYPE_LATEST)


def age_s(spool: Waiting) -> float:
    """Seconds since the oldest event in the spool came in; 0 where it is empty."""
    return max((datetime.now(UTC) - spool.oldest).total_seconds(), 0.0) if spool.oldest else 0.0
