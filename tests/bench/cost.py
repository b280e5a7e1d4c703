"""`./farm bench cost`: dollars for one event, sent as anybody would send it and as the farm does.

The calls go through the farm's own activity, client, request and ledger; behind the client stands a vendor that counts
tokens and applies minimum lengths and lifetimes as the sandbox's does. Nothing is asked of a workflow: what one is told
doesn't depend on what it cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import httpx2
from temporalio.testing import ActivityEnvironment

from activities.model import ModelActivities
from contracts.agents import Kit
from contracts.calls import CallSite, ModelCall, ModelReply, ToolResultRef
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from ops.console import progress
from ops.cost.report import recount
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.prices import Prices
from store.spending import Spending, Spent
from tests.bench.cost_vendor import HAIKU, SONNET, BillingVendor, words
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

Ttl = Literal["5m", "1h"]

EVENTS, QUICK = 1000, 20
ONE_SKIPPED_IN = 4
MOST_PROCESSED_USD, MOST_SKIPPED_USD = 0.075, 0.0015
TINY = 1e-9

TRIAGE_HEADER, TRIAGE_REST = 400, 600
STATIC, VARIABLE = 5_000, 12_000
INSIGHT_HEADER, INSIGHT_REST = 400, 5_600
OUT = {"triage": 100, "orchestrator": 1_000, "insight": 1_000}
SAME_MODELS = {"triage": HAIKU, "orchestrator": SONNET, "insight": SONNET}
ROLE_CHOICE = {**SAME_MODELS, "insight": HAIKU}
TURNS = 4
"""Of the orchestrator where it has tools: what varies comes as the results of its calls."""

NOTES = (
    "A processed event: triage 1 K in, 100 out; orchestrator 5 K static and 12 K variable in, 1 K out; insight 6 K in, "
    "1 K out. A skipped one: triage alone. Haiku at 1 and 5 dollars a million tokens, Sonnet at 3 and 15; reading the "
    "cache 10 %, writing it 125 % for five minutes and 200 % for an hour.",
    "naive: the same requests without their breakpoints. savings: dollars of a processed event by measure, the same "
    "models and tokens. beyond: with another model for the insight (Haiku), which no eval vouches for here.",
    "batch isn't measured: no step goes through a batch yet.",
)


@dataclass(frozen=True)
class CostRow:
    system: str
    events: int
    shape: str
    apart_s: int
    """Seconds between two events, by the vendor's clock."""

    naive_processed_usd: float
    processed_usd: float
    naive_skipped_usd: float
    skipped_usd: float
    savings: Mapping[str, float | None]
    """None for a measure that isn't built."""

    beyond: Mapping[str, float]
    all_together_usd: float
    """A processed event with `beyond`, too."""

    hit_rate: float
    """Of the tokens sent for processed events, the share that was read from the cache."""

    recounted: bool
    """Every call's cost is what its tokens come to by the price that is on record with it."""


@dataclass(frozen=True)
class Load:
    """So many events, so far apart, with the orchestrator asked once, or in turns with a tool."""

    events: int
    shape: str
    apart_s: int
    ttl: Ttl = "5m"
    turns: int = 1


@dataclass
class Bill:
    """What one pass over the events came to."""

    spent: Sequence[Spent]
    recounted: bool

    def usd(self, *, skipped: bool) -> float:
        """Dollars of one such event."""
        its = [each for each in self.spent if is_skipped(int(each.key.rpartition(":")[2])) is skipped]
        return sum(each.cost_usd for each in its) / len({each.key for each in its})

    @property
    def hit_rate(self) -> float:
        its = [each.usage for each in self.spent if not is_skipped(int(each.key.rpartition(":")[2]))]
        return sum(each.cache_read_tokens for each in its) / sum(each.read_tokens for each in its)


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    events = QUICK if quick else EVENTS
    few = max(QUICK, events // 10)
    loads = (
        Load(events, "as the issue says, a minute apart", 60),
        Load(few, "ten minutes apart", 600),
        Load(few, "ten minutes apart, kept for an hour", 600, ttl="1h"),
        Load(few, f"orchestrator in {TURNS} turns with a tool", 60, turns=TURNS),
    )
    rows = [await _row(stand, load) for load in loads]
    return Report("Dollars for an event", [asdict(row) for row in rows], verdicts(rows), NOTES)


def is_skipped(number: int) -> bool:
    return number % ONE_SKIPPED_IN == 0


def verdicts(rows: Sequence[CostRow]) -> list[Verdict]:
    """What must hold of the first row."""
    row = rows[0]
    return [
        Verdict(row.processed_usd <= MOST_PROCESSED_USD + TINY, _at_most("processed", row.processed_usd, 0.075)),
        Verdict(row.skipped_usd <= MOST_SKIPPED_USD + TINY, _at_most("skipped", row.skipped_usd, 0.0015)),
        Verdict(all(each.recounted for each in rows), "every call's cost follows from its tokens and its price"),
    ]


def _at_most(what: str, usd: float, most: float) -> str:
    return f"a {what} event costs ${usd:.4f} with the same models and tokens (at most ${most})"


async def _row(stand: Stand, load: Load) -> CostRow:
    naive = await _pass(stand, load, SAME_MODELS, caches=False)
    cached = await _pass(stand, load, SAME_MODELS)
    chosen = await _pass(stand, load, ROLE_CHOICE)
    progress.print(f"{load.shape}: done", soft_wrap=True)
    processed = cached.usd(skipped=False)
    return CostRow(
        system="farmstead",
        events=load.events,
        shape=load.shape,
        apart_s=load.apart_s,
        naive_processed_usd=_rounded(naive.usd(skipped=False)),
        processed_usd=_rounded(processed),
        naive_skipped_usd=_rounded(naive.usd(skipped=True)),
        skipped_usd=_rounded(cached.usd(skipped=True)),
        savings={"caching": _rounded(naive.usd(skipped=False) - processed), "batch": None},
        beyond={"role_choice": _rounded(processed - chosen.usd(skipped=False))},
        all_together_usd=_rounded(chosen.usd(skipped=False)),
        hit_rate=round(cached.hit_rate, 4),
        recounted=all(each.recounted for each in (naive, cached, chosen)),
    )


def _rounded(usd: float) -> float:
    return round(usd, 9)


async def _pass(stand: Stand, load: Load, models: Mapping[str, str], *, caches: bool = True) -> Bill:
    vendor = BillingVendor(models, OUT, caches=caches, turns=load.turns)
    db = Database(f"sqlite+aiosqlite:///{stand.room('cost') / 'farm.db'}")
    gateway = KeepingGateway(load.ttl, httpx2.MockTransport(vendor))
    try:
        await db.migrate()
        farm = Farm(db, ModelActivities(db, gateway), load)
        for number in range(load.events):
            await farm.event(number)
            vendor.clock.now += load.apart_s
        return await _bill(db)
    finally:
        await gateway.close()
        await db.close()


class KeepingGateway(Gateway):
    """The farm's client, with one lifetime for every role's header."""

    def __init__(self, ttl: Ttl, vendor: httpx2.MockTransport) -> None:
        super().__init__("http://gateway", "key", transport=vendor)
        self._ttl = ttl

    async def complete(self, call: Call) -> Answer:
        return await super().complete(call.model_copy(update={"cache_ttl": self._ttl}))


async def _bill(db: Database) -> Bill:
    spent = await Spending(db).split("entity", datetime.min.replace(tzinfo=UTC))
    priced = await Prices(db).all()
    counted = [recount(each, priced) for each in spent]
    return Bill(
        spent, all(abs((again or 0.0) - each.cost_usd) < TINY for again, each in zip(counted, spent, strict=True))
    )


@dataclass
class Farm:
    """The calls of a run, one after another, without the run."""

    db: Database
    model: ModelActivities
    load: Load
    _env: ActivityEnvironment = field(default_factory=ActivityEnvironment)

    async def event(self, number: int) -> None:
        """One event's run: triage, and where it isn't skipped, the rest."""
        run = f"bench:task:{number}/run-1"
        await self._pin(run)
        await self._ask(run, "triage", TRIAGE_REST, "triage-1")
        if is_skipped(number):
            return
        await self._orchestrate(run)
        await self._ask(run, "insight", INSIGHT_REST, "learn-1")

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
        with_tools = role == "orchestrator" and self.load.turns > 1
        site = CallSite(run=run, step=step)
        call = ModelCall(site=site, role=role, prompt=role, tools=with_tools, **more)
        reply: ModelReply = await self._env.run(self.model.call_model, call)
        return reply

    async def _pin(self, run: str) -> None:
        headers = {"triage": TRIAGE_HEADER, "orchestrator": STATIC, "insight": INSIGHT_HEADER}
        prompts = {role: words(tokens, f"You are the {role}") for role, tokens in headers.items()}
        texts = Blobs(self.db)
        kit = Kit(
            prompts={role: await texts.put(text) for role, text in prompts.items()},
            toolset=await texts.put(TOOLSET),
        )
        await Kits(self.db).record(run, kit, {})


TOOLSET = '[{"name":"bench__lookup","description":"Look up record n.","input_schema":{"type":"object"}}]'
