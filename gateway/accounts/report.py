"""The book of what was spent, to be read: call by call, and by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from gateway.accounts.book import Entries
from gateway.prices.money import dollars

Outcome = Literal["begun", "answered", "failed", "broken", "lost"]


@dataclass(frozen=True)
class SpentCall:
    """One try of a call, as the proxy saw it. `call_id` is the caller's, and the same for every try.

    `begun`: it is under way. `failed`: it brought an error and nothing to pay. `broken`: its answer broke off in the
    middle, and `cost_usd` is what its vendor had told of by then, or a guess at it. `lost`: nobody saw its end, and
    `cost_usd` is the most that it can have cost.
    """

    call_id: str
    key: str
    agent: str
    role: str
    model: str
    begun_at: datetime
    outcome: Outcome
    cost_usd: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


@dataclass(frozen=True)
class SpentOnDay:
    """What an agent's calls with a key and a model came to on a UTC day. `lost` of the `calls` were lost."""

    day: date
    agent: str
    key: str
    model: str
    calls: int
    lost: int
    cost_usd: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


def spend_since(entries: Entries, since: datetime) -> Sequence[SpentCall]:
    """Every call begun since then, the oldest first. Single calls are kept for `spend.KEPT_DAYS`."""
    rows = entries.run(
        "SELECT call_id, key_id, agent, role, model, begun_at, outcome, cost, input_tokens, output_tokens,"
        " cache_read_tokens, cache_write_tokens FROM gateway_calls WHERE begun_at >= :since ORDER BY begun_at, id",
        since=since.timestamp(),
    )
    return [
        SpentCall(call_id, key, agent, role, model, datetime.fromtimestamp(at, UTC), outcome, dollars(cost), *tokens)
        for call_id, key, agent, role, model, at, outcome, cost, *tokens in rows
    ]


def spend_by_day(entries: Entries, first: date) -> Sequence[SpentOnDay]:
    """The sums since a day, the oldest first. They are kept for good."""
    rows = entries.run(
        "SELECT day, agent, key_id, model, calls, lost, cost, input_tokens, output_tokens, cache_read_tokens,"
        " cache_write_tokens FROM gateway_spend WHERE day >= :first ORDER BY day, agent, key_id, model",
        first=first.isoformat(),
    )
    return [
        SpentOnDay(date.fromisoformat(on), agent, key, model, calls, lost, dollars(cost), *tokens)
        for on, agent, key, model, calls, lost, cost, *tokens in rows
    ]
