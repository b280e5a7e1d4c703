"""What was spent, as `./farm cost` tells it. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from contracts.calls import Usage
from contracts.frozen import Frozen
from contracts.prices import Rates
from ops.cost.forecast import Forecast
from ops.cost.headers import Change
from store.spending import Miss, RunCosts, Spent, Split

Priced = Mapping[str, Rates]
"""By version."""


class Line(Frozen):
    """One agent, entity, role, model or day; or all of them."""

    key: str
    calls: int
    cost_usd: float
    if_usd: float | None = None
    """With `--if`: what the same tokens had cost then."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cache_hit_rate: float
    cached: int
    batched: int
    fallbacks: int


class Runs(Frozen):
    """Finished runs that began in the time."""

    done: int = 0
    done_usd: float = 0.0
    skipped: int = 0
    skipped_usd: float = 0.0

    @property
    def skipped_share(self) -> float:
        return self.skipped / (self.done + self.skipped) if self.skipped else 0.0

    @property
    def triage_saved_usd(self) -> float | None:
        """The runs that triage stopped, had each cost what one that went on did; None where none went on."""
        if not self.done:
            return None
        return self.skipped * (self.done_usd / self.done) - self.skipped_usd


class Report(Frozen):
    since: str
    by: Split
    lines: tuple[Line, ...]
    total: Line
    instead: dict[str, str] = {}
    """With `--if`: role -> model."""

    runs: Runs
    triage_saved_usd: float | None
    cache_saved_usd: float
    """Against the same tokens without a cache, of the calls whose price is on record."""

    batch_saved_usd: float = 0.0
    """Against the same calls each by itself, of those whose price is on record."""

    unpriced_calls: int
    """Without a price on record: before prices were kept, or where the gateway knows none."""

    misses: tuple[Miss, ...] = ()
    header_changes: tuple[Change, ...] = ()
    forecast: Forecast


def line(key: str, spent: Sequence[Spent], instead: Mapping[str, Rates]) -> Line:
    """Calls summed up. `instead`: by role, the price that had held."""
    usage = reduce(add, (each.usage for each in spent), Usage())
    return Line(
        key=key,
        calls=sum(each.calls for each in spent),
        cost_usd=sum(each.cost_usd for each in spent),
        if_usd=sum(if_cost(each, instead) for each in spent) if instead else None,
        **usage.model_dump(),
        cache_hit_rate=round(usage.cache_hit_rate, 4),
        cached=sum(each.cached for each in spent),
        batched=sum(each.calls for each in spent if each.batch),
        fallbacks=sum(each.fallbacks for each in spent),
    )


def lines(spent: Sequence[Spent], instead: Mapping[str, Rates], *, by_cost: bool) -> tuple[Line, ...]:
    """A line for each key: the dearest first, or in their order."""
    groups: defaultdict[str, list[Spent]] = defaultdict(list)
    for each in spent:
        groups[each.key].append(each)
    told = [line(key, its, instead) for key, its in sorted(groups.items())]
    return tuple(sorted(told, key=lambda each: -each.cost_usd) if by_cost else told)


def if_cost(spent: Spent, instead: Mapping[str, Rates]) -> float:
    """What the same tokens had cost with another model in the role; as it was where the role stays."""
    rates = instead.get(spent.role)
    return spent.cost_usd if rates is None else _by(spent, rates)


def recount(spent: Spent, priced: Priced) -> float | None:
    """What the tokens cost by the price that is on record for them; None where there is none."""
    rates = priced.get(spent.price_version)
    return None if rates is None else _by(spent, rates)


def cache_saved(spent: Sequence[Spent], priced: Priced) -> float:
    """What the same tokens had cost more without a cache. Negative where more was written than was read."""
    known = [(each, rates) for each in spent if (rates := priced.get(each.price_version))]
    return sum(rates.uncached(each.usage, batch=each.batch) - _by(each, rates) for each, rates in known)


def batch_saved(spent: Sequence[Spent], priced: Priced) -> float:
    """What the calls of batches had cost more each by itself."""
    known = [(each, rates) for each in spent if each.batch and (rates := priced.get(each.price_version))]
    return sum(rates.cost(each.usage, each.cache_write_1h_tokens) - _by(each, rates) for each, rates in known)


def runs(costs: Sequence[RunCosts]) -> Runs:
    told: dict[str, float] = {}
    for each in costs:
        kind = "skipped" if each.skipped else "done"
        told |= {kind: each.runs, f"{kind}_usd": each.cost_usd}
    return Runs.model_validate(told)


def _by(spent: Spent, rates: Rates) -> float:
    return rates.cost(spent.usage, spent.cache_write_1h_tokens, batch=spent.batch)
