"""The farm's ledger beside the proxy's own book: two counts of one thing, made apart. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from contracts.frozen import Frozen

TINY = 1e-6
"""US dollars. Sums of floats differ by less in their order alone."""


class DaySpent(Frozen):
    """What an agent's calls came to on a UTC day, by one of the two counts."""

    day: date
    agent: str
    calls: int
    cost_usd: float


class Difference(Frozen):
    """A day and an agent of whom the two don't say the same."""

    day: date
    agent: str
    ledger_calls: int
    ledger_usd: float
    proxy_calls: int
    proxy_usd: float

    @property
    def usd(self) -> float:
        """What the proxy counts more."""
        return self.proxy_usd - self.ledger_usd


class OnlyTheProxy(Frozen):
    """A call that was paid and is in no run's record: whoever asked died before the answer was kept, say.

    `outcome`: `answered`; `lost` (nobody saw its end, and the cost is the most that it can have been); or `broken` (its
    answer broke off in the middle, and the cost is what its vendor had told of by then, or a guess at it).
    """

    call_id: str
    agent: str
    model: str
    begun_at: datetime
    outcome: str
    cost_usd: float


class Reconciliation(Frozen):
    since: date
    ledger_calls: int
    ledger_usd: float
    proxy_calls: int
    proxy_usd: float
    differences: tuple[Difference, ...]
    only_the_proxy: tuple[OnlyTheProxy, ...] = ()
    batched_calls: int = 0
    """Of the ledger's calls those that went in batches."""

    batched_usd: float = 0.0
    broken: tuple[OnlyTheProxy, ...] = ()
    """Beside the proxy's other calls: what broke off is no answer, and belongs in no ledger."""

    @property
    def broken_usd(self) -> float:
        return sum(each.cost_usd for each in self.broken)


def reconcile(ledger: Sequence[DaySpent], proxy: Sequence[DaySpent], since: date) -> Reconciliation:
    """Both counts by day and agent, from `since` on; where they differ in calls or money, what each says."""
    ours, theirs = _by_day_and_agent(ledger), _by_day_and_agent(proxy)
    days = sorted({*ours, *theirs})
    found = [_difference(key, ours.get(key, (0, 0.0)), theirs.get(key, (0, 0.0))) for key in days]
    return Reconciliation(
        since=since,
        ledger_calls=sum(each.ledger_calls for each in found),
        ledger_usd=sum(each.ledger_usd for each in found),
        proxy_calls=sum(each.proxy_calls for each in found),
        proxy_usd=sum(each.proxy_usd for each in found),
        differences=tuple(each for each in found if each.ledger_calls != each.proxy_calls or abs(each.usd) > TINY),
    )


def _by_day_and_agent(spent: Sequence[DaySpent]) -> dict[tuple[date, str], tuple[int, float]]:
    sums: defaultdict[tuple[date, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for each in spent:
        calls, cost_usd = sums[each.day, each.agent]
        sums[each.day, each.agent] = (calls + each.calls, cost_usd + each.cost_usd)
    return sums


def _difference(key: tuple[date, str], ours: tuple[int, float], theirs: tuple[int, float]) -> Difference:
    day, agent = key
    return Difference(
        day=day,
        agent=agent,
        ledger_calls=ours[0],
        ledger_usd=ours[1],
        proxy_calls=theirs[0],
        proxy_usd=theirs[1],
    )
