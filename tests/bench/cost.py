"""`./farm bench cost`: dollars for one event, sent as anybody would send it and as the farm does.

The calls go through the farm's own activities, client, requests, batches and ledger; behind the client stands a vendor
that counts tokens and applies minimum lengths and lifetimes as the sandbox's does. Nothing is asked of a workflow: what
one is told doesn't depend on what it cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ops.console import progress
from tests.bench.cost_farm import TINY, Load, Ways, billed
from tests.bench.cost_vendor import HAIKU, SONNET
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

EVENTS, QUICK = 1000, 20
MOST_PROCESSED_USD, MOST_SKIPPED_USD = 0.075, 0.0015

SAME_MODELS = {"triage": HAIKU, "orchestrator": SONNET, "insight": SONNET}
ROLE_CHOICE = {**SAME_MODELS, "insight": HAIKU}
TURNS = 4
"""Of the orchestrator where it has tools: what varies comes as the results of its calls."""

NOTES = (
    "A processed event: triage 1 K in, 100 out; orchestrator 5 K static and 12 K variable in, 1 K out; insight 6 K in, "
    "1 K out. A skipped one: triage alone. Haiku at 1 and 5 dollars a million tokens, Sonnet at 3 and 15; reading the "
    "cache 10 %, writing it 125 % for five minutes and 200 % for an hour; a batch half of all that.",
    "naive: the same requests without their breakpoints, none of them in a batch. savings: dollars of a processed "
    "event by measure, one after the other, with the same models and tokens. caching: of the orchestrator's 5 K "
    "static, $0.0150 sent anew and $0.0015 read, so at most $0.0135; all other prompts are too short for a cache, or "
    "never the same. batch: the insight's $0.0330, at half.",
    "beyond: with another model for the insight (Haiku), which no eval vouches for here.",
    "Of header lifetimes the one in models.toml, but where the shape says another.",
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
    savings: Mapping[str, float]
    beyond: Mapping[str, float]
    all_together_usd: float
    """A processed event with `beyond`, too."""

    hit_rate: float
    """Of the tokens sent for processed events, the share that was read from the cache."""

    batched_calls: int
    """How many of the calls went in batches."""

    recounted: bool
    """Every call's cost is what its tokens come to by the price that is on record with it."""


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    events = QUICK if quick else EVENTS
    few = max(QUICK, events // 10)
    loads = (
        Load(events, "as the issue says, a minute apart", 60),
        Load(few, "a minute apart, kept for five minutes", 60, ttl="5m"),
        Load(few, "ten minutes apart", 600),
        Load(few, "ten minutes apart, kept for five minutes", 600, ttl="5m"),
        Load(few, "two hours apart", 7200),
        Load(few, "two hours apart, kept for five minutes", 7200, ttl="5m"),
        Load(few, f"orchestrator in {TURNS} turns with a tool", 60, turns=TURNS),
        Load(few, f"orchestrator in {TURNS} turns with a tool, two hours apart", 7200, turns=TURNS),
    )
    rows = [await _row(stand, load) for load in loads]
    return Report("Dollars for an event", [asdict(row) for row in rows], verdicts(rows), NOTES)


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
    naive = await billed(stand, load, Ways(SAME_MODELS, caches=False, batches=False))
    cached = await billed(stand, load, Ways(SAME_MODELS, batches=False))
    batched = await billed(stand, load, Ways(SAME_MODELS))
    chosen = await billed(stand, load, Ways(ROLE_CHOICE))
    progress.print(f"{load.shape}: done", soft_wrap=True)
    without, processed = cached.usd(skipped=False), batched.usd(skipped=False)
    return CostRow(
        system="farmstead",
        events=load.events,
        shape=load.shape,
        apart_s=load.apart_s,
        naive_processed_usd=_rounded(naive.usd(skipped=False)),
        processed_usd=_rounded(processed),
        naive_skipped_usd=_rounded(naive.usd(skipped=True)),
        skipped_usd=_rounded(batched.usd(skipped=True)),
        savings={
            "caching": _rounded(naive.usd(skipped=False) - without),
            "batch": _rounded(without - processed),
        },
        beyond={"role_choice": _rounded(processed - chosen.usd(skipped=False))},
        all_together_usd=_rounded(chosen.usd(skipped=False)),
        hit_rate=round(batched.hit_rate, 4),
        batched_calls=batched.batched(),
        recounted=all(each.recounted for each in (naive, cached, batched, chosen)),
    )


def _rounded(usd: float) -> float:
    return round(usd, 9)
