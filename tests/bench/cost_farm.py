"""What a pass over the events of `./farm bench cost` sends: the calls of runs, one after another, without the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import httpx2
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from activities.model import ModelActivities
from contracts.agents import Batching, Kit
from contracts.batches import BatchOrder, BatchProgress, BatchRef, BatchWish
from contracts.calls import CallSite, ModelCall, ModelReply, ToolResultRef
from gateway.calls.batches import VendorBatches
from gateway.calls.client import Gateway
from gateway.models.roles import Role, read
from ops.cost.report import recount
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.prices import Prices
from store.spending import Spending, Spent
from tests.bench.cost_vendor import BATCH_TAKES_S, BillingVendor, words
from tests.bench.stand import Stand

Ttl = Literal["5m", "1h"]

AGENT = "bench"
ONE_SKIPPED_IN = 4
TINY = 1e-9

TRIAGE_HEADER, TRIAGE_REST = 400, 600
STATIC, VARIABLE = 5_000, 12_000
INSIGHT_HEADER, INSIGHT_REST = 400, 5_600
OUT = {"triage": 100, "orchestrator": 1_000, "insight": 1_000}

TOOLSET = '[{"name":"bench__lookup","description":"Look up record n.","input_schema":{"type":"object"}}]'


@dataclass(frozen=True)
class Load:
    """So many events, so far apart, with the orchestrator asked once, or in turns with a tool.

    `ttl`: how long the orchestrator's header is kept; None for as long as models.toml says.
    """

    events: int
    shape: str
    apart_s: int
    ttl: Ttl | None = None
    turns: int = 1


@dataclass(frozen=True)
class Ways:
    """How the events are worked on: who plays which role, and which measures are taken."""

    models: Mapping[str, str]
    caches: bool = True
    batches: bool = True


@dataclass
class Bill:
    """What one pass over the events came to."""

    spent: Sequence[Spent]
    recounted: bool

    def usd(self, *, skipped: bool) -> float:
        """Dollars of one such event."""
        its = self._of(skipped=skipped)
        return sum(each.cost_usd for each in its) / len({each.key for each in its})

    @property
    def hit_rate(self) -> float:
        its = [each.usage for each in self._of(skipped=False)]
        return sum(each.cache_read_tokens for each in its) / sum(each.read_tokens for each in its)

    def batched(self) -> int:
        """Calls that went in batches."""
        return sum(each.calls for each in self.spent if each.batch)

    def _of(self, *, skipped: bool) -> Sequence[Spent]:
        return [each for each in self.spent if is_skipped(int(each.key.rpartition(":")[2])) is skipped]


def is_skipped(number: int) -> bool:
    return number % ONE_SKIPPED_IN == 0


async def billed(stand: Stand, load: Load, ways: Ways) -> Bill:
    """One pass over the events, by a vendor and a store of its own."""
    vendor = BillingVendor(ways.models, OUT, caches=ways.caches, turns=load.turns)
    db = Database(f"sqlite+aiosqlite:///{stand.room('cost') / 'farm.db'}")
    gateway = Gateway("http://gateway", "key", transport=httpx2.MockTransport(vendor), roles=_roles(load))
    try:
        await db.migrate()
        farm = Farm(db, gateway, vendor, load, batches=ways.batches)
        for number in range(load.events):
            await farm.event(number)
            vendor.clock.now += load.apart_s
        await farm.send_off()
        return await _bill(db)
    finally:
        await gateway.close()
        await db.close()


def _roles(load: Load) -> Mapping[str, Role]:
    """As models.toml has them, but for the lifetime where the load says another."""
    roles = read().roles
    its = {} if load.ttl is None else {"cache_ttl": load.ttl}
    return {**roles, "orchestrator": roles["orchestrator"].model_copy(update=its)}


async def _bill(db: Database) -> Bill:
    spent = await Spending(db).split("entity", datetime.min.replace(tzinfo=UTC))
    priced = await Prices(db).all()
    counted = [recount(each, priced) for each in spent]
    return Bill(
        spent, all(abs((again or 0.0) - each.cost_usd) < TINY for again, each in zip(counted, spent, strict=True))
    )


@dataclass
class Farm:
    """`batches`: what isn't urgent waits for one, as many requests together as an agent gathers by default."""

    db: Database
    gateway: Gateway
    vendor: BillingVendor
    load: Load
    batches: bool
    model: ModelActivities = field(init=False)
    batch: BatchActivities = field(init=False)
    _env: ActivityEnvironment = field(default_factory=ActivityEnvironment)
    _waiting: int = 0
    _sent: int = 0

    def __post_init__(self) -> None:
        self.model = ModelActivities(self.db, self.gateway)
        self.batch = BatchActivities(self.db, self.model, VendorBatches(self.gateway), self.vendor.clock.moment)

    async def event(self, number: int) -> None:
        """One event's run: triage, and where it isn't skipped, the rest."""
        run = f"{AGENT}:task:{number}/run-1"
        await self._pin(run)
        await self._ask(run, "triage", TRIAGE_REST, "triage-1")
        if is_skipped(number):
            return
        await self._orchestrate(run)
        await self._learn(run)

    async def send_off(self) -> None:
        """Submit what waits, and read the answers when the vendor is through, an hour later by its clock."""
        if not self._waiting:
            return
        self._sent, token = self._sent + 1, f"batch{self._sent + 1}"
        order = BatchOrder(agent=AGENT, token=token, most=self._waiting)
        submitted: BatchProgress = await self._env.run(self.batch.submit_batch, order)
        if not submitted.vendor_id or submitted.requests != self._waiting:
            raise RuntimeError(f"{token} of {self._waiting} requests was not taken: {submitted}")
        now, self._waiting = self.vendor.clock.now, 0
        self.vendor.clock.now += BATCH_TAKES_S
        collected: BatchProgress = await self._env.run(self.batch.collect_batch, BatchRef(agent=AGENT, token=token))
        self.vendor.clock.now = now  # the next event doesn't wait for it
        if not collected.over:
            raise RuntimeError(f"{token} isn't over: {collected}")

    async def _learn(self, run: str) -> None:
        call = self._said(run, "insight", "learn-1", say=words(INSIGHT_REST, f"insight of {run}"))
        if not self.batches:
            await self._env.run(self.model.call_model, call)
            return
        await self._env.run(self.batch.ask_by_batch, BatchWish(call=call, told=f"{run}/learn"))
        self._waiting += 1
        if self._waiting == Batching().most:
            await self.send_off()

    async def _orchestrate(self, run: str) -> None:
        each = VARIABLE // self.load.turns
        reply = await self._ask(run, "orchestrator", each, "orchestrate-1")
        for turn in range(2, self.load.turns + 1):
            found = words(each, f"found for {run} in turn {turn}")
            results = tuple(ToolResultRef(tool_use_id=use.id, text=found) for use in reply.tool_uses)
            reply = await self._call(run, "orchestrator", f"orchestrate-{turn}", head=reply.head, results=results)

    async def _ask(self, run: str, role: str, tokens: int, step: str) -> ModelReply:
        return await self._call(run, role, step, say=words(tokens, f"{role} of {run}"))

    async def _call(self, run: str, role: str, step: str, **more: Any) -> ModelReply:
        reply: ModelReply = await self._env.run(self.model.call_model, self._said(run, role, step, **more))
        return reply

    def _said(self, run: str, role: str, step: str, **more: Any) -> ModelCall:
        with_tools = role == "orchestrator" and self.load.turns > 1
        return ModelCall(site=CallSite(run=run, step=step), role=role, prompt=role, tools=with_tools, **more)

    async def _pin(self, run: str) -> None:
        headers = {"triage": TRIAGE_HEADER, "orchestrator": STATIC, "insight": INSIGHT_HEADER}
        prompts = {role: words(tokens, f"You are the {role}") for role, tokens in headers.items()}
        texts = Blobs(self.db)
        kit = Kit(
            prompts={role: await texts.put(text) for role, text in prompts.items()},
            toolset=await texts.put(TOOLSET),
        )
        await Kits(self.db).record(run, kit, {})
