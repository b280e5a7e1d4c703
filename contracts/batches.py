"""Requests that aren't urgent and go to a model's vendor together, as run, collector and activities exchange them.

A request itself lies in the store: what travels is where it was made (`CallSite`), and the batch's token.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from contracts.agents import Batching
from contracts.calls import CallSite, ModelCall
from contracts.frozen import Frozen, Lasting


class BatchWish(Lasting):
    """A call that may wait: the answer is wanted within a day, and by nobody who holds anything up for it."""

    call: ModelCall
    told: str
    """The workflow that is told when the call is settled."""


class BatchLeave(Lasting):
    """A call is to go by itself after all, or isn't wanted any more."""

    site: CallSite
    for_good: bool = False
    """Nobody waits for it any more: what the vendor has of it is kept and paid, and nobody is told."""


BatchState = Literal["waiting", "in_batch", "settled"]
"""`settled`: the ordinary call is next. It finds the answer on record, or makes the call by itself."""


class BatchStanding(Lasting):
    """How a request stands."""

    state: BatchState
    token: str = ""
    """The batch that it is in, by our own name for it; with `in_batch`."""


class BatchOrder(Lasting):
    """Submit what an agent's runs have asked for, `most` requests at most, under this token."""

    agent: str
    token: str
    most: int


class BatchRef(Lasting):
    """A batch by our own name for it: the vendor's is known only when it has taken the batch in."""

    agent: str
    token: str


class BatchWaiter(Lasting):
    """Who is to be told of which settled request."""

    told: str
    site: CallSite


class BatchProgress(Lasting):
    """How a batch stands."""

    vendor_id: str = ""
    """Empty where it isn't certain yet whether the vendor has it."""

    requests: int = 0
    over: bool = False
    """Every request of it is settled; or there was nothing to submit."""

    waiters: tuple[BatchWaiter, ...] = ()
    """With `over`: to be told."""

    left: int = 0
    """Requests that wait for another batch."""


class OpenBatch(Lasting):
    """A batch that its collector looks after."""

    token: str
    since: datetime
    vendor_id: str = ""
    requests: int = 0
    looks: int = 0
    """How often it was looked at."""

    next_look: datetime


class AgentName(Frozen):
    """Whose requests are asked about."""

    agent: str


class BatchBook(Lasting):
    """What a collector finds on record when it begins: requests that wait, and batches that aren't over."""

    waiting: int = 0
    batches: tuple[BatchRef, ...] = ()


class CollectorState(Lasting):
    """All that a collector carries through continue-as-new, as one object."""

    agent: str
    batching: Batching = Batching()
    waiting: tuple[CallSite, ...] = ()
    """Requests that it was told of and hasn't submitted."""

    found: int = 0
    """Requests that wait and that nobody told it of: they were on record when it began."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    batches: tuple[OpenBatch, ...] = ()
    begun: bool = False
    """It has read what is on record."""


class CollectorStatus(Frozen):
    """Answer of the `status` query of a collector."""

    agent: str
    waiting: int = Field(ge=0)
    due_at: datetime | None = None
    batches: tuple[OpenBatch, ...] = ()
