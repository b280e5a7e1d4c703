"""What was spent at the gateway: each call from its beginning to its end, and what they came to by day.

A call is entered before it goes out, with the most that it can cost, and settled when its end is seen. So concurrent
calls can't spend the same money twice, and one whose end nobody saw (a killed proxy) isn't forgotten: after `LAPSE_S`
(in a batch `BATCH_LAPSE_S`) it counts as lost, at that most. Days are UTC; a call counts for the day on which it began.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.accounts.book import Entries
from gateway.accounts.limits import FARM

LAPSE_S = 900
"""Longer than a role and its standby together may take."""

BATCH_LAPSE_S = 30 * 3600
"""A batch ends within a day, and its results are read soon after, or not at all."""

KEPT_DAYS = 100
"""How long single calls are kept; what they came to by day stays."""

_ADD = """
    INSERT INTO gateway_spend (
        day, agent, key_id, model, calls, lost, cost, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens
    )
    VALUES (
        :day, :agent, :key_id, :model, :calls, :lost, :cost, :input_tokens, :output_tokens, :cache_read_tokens,
        :cache_write_tokens
    )
    ON CONFLICT (day, agent, key_id, model) DO UPDATE SET
        calls = gateway_spend.calls + excluded.calls,
        lost = gateway_spend.lost + excluded.lost,
        cost = gateway_spend.cost + excluded.cost,
        input_tokens = gateway_spend.input_tokens + excluded.input_tokens,
        output_tokens = gateway_spend.output_tokens + excluded.output_tokens,
        cache_read_tokens = gateway_spend.cache_read_tokens + excluded.cache_read_tokens,
        cache_write_tokens = gateway_spend.cache_write_tokens + excluded.cache_write_tokens
"""
_ENDED = ("answered", "broken")
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_SUMS = ("calls", "lost", "cost", *_TOKENS)


@dataclass(frozen=True)
class Asked:
    """A call about to go out. `reserved`: picodollars that it can cost at most; `input_tokens`: as many at most."""

    id: str
    call_id: str
    key_id: str
    agent: str
    role: str
    model: str
    reserved: int
    input_tokens: int


@dataclass(frozen=True)
class Paid:
    """What a call came to. `cost` in picodollars; `input_tokens` are those that had to do with no cache."""

    model: str
    cost: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


@dataclass(frozen=True)
class Spent:
    """Picodollars of an agent or of the farm: today, this month, and held back for calls under way."""

    today: int
    month: int
    held: int
    under_way: int
    held_in_batches: int = 0
    """Of `held`, what is held for requests in batches."""


def begin(entries: Entries, asked: Asked, now: float) -> None:
    """Enter a call that is let out."""
    entries.run(
        "INSERT INTO gateway_calls (id, call_id, key_id, agent, day, role, model, begun_at, outcome, reserved,"
        " input_tokens) VALUES (:id, :call_id, :key_id, :agent, :day, :role, :model, :now, 'begun', :reserved,"
        " :input_tokens)",
        day=day(now),
        now=now,
        **vars(asked),
    )


def settle(entries: Entries, call: str, paid: Paid) -> None:
    """Enter what a call came to, once: said again, it changes nothing. It may have been given up before."""
    _end(entries, call, paid, "answered")


def break_off(entries: Entries, call: str, paid: Paid) -> None:
    """Enter what a call came to whose answer broke off: there is none, and its vendor bills it all the same."""
    _end(entries, call, paid, "broken")


def _end(entries: Entries, call: str, paid: Paid, how: str) -> None:
    rows = entries.run("SELECT outcome, day, agent, key_id, model, reserved FROM gateway_calls WHERE id = :id", id=call)
    if not rows or rows[0][0] in _ENDED:
        return
    outcome, on, agent, key_id, expected, reserved = rows[0]
    if outcome == "lost":
        _add(entries, on, agent, key_id, expected, calls=-1, lost=-1, cost=-reserved)
    entries.run(
        "UPDATE gateway_calls SET outcome = :how, ended_at = :now, model = :model, cost = :cost,"
        " input_tokens = :input_tokens, output_tokens = :output_tokens, cache_read_tokens = :cache_read_tokens,"
        " cache_write_tokens = :cache_write_tokens WHERE id = :id",
        id=call,
        how=how,
        now=entries.now(),
        **vars(paid),
    )
    sums = {name: amount for name, amount in vars(paid).items() if name != "model"}
    _add(entries, on, agent, key_id, paid.model, calls=1, **sums)


def give_up(entries: Entries, call: str) -> None:
    """A call that brought an error and cost nothing."""
    entries.run(
        "UPDATE gateway_calls SET outcome = 'failed', ended_at = :now, input_tokens = 0"
        " WHERE id = :id AND outcome = 'begun'",
        id=call,
        now=entries.now(),
    )


def count_the_lost(entries: Entries, now: float) -> None:
    """Calls that must have ended by now, whose end nobody saw: at the most that they could cost."""
    lost = entries.run(
        "SELECT id, day, agent, key_id, model, reserved FROM gateway_calls"
        " WHERE outcome = 'begun' AND begun_at < :before AND (begun_at < :long_before"
        " OR NOT EXISTS (SELECT 1 FROM gateway_batched b WHERE b.call = gateway_calls.id))",
        before=now - LAPSE_S,
        long_before=now - BATCH_LAPSE_S,
    )
    for call, on, agent, key_id, model, reserved in lost:
        entries.run("UPDATE gateway_calls SET outcome = 'lost', ended_at = :now, cost = reserved WHERE id = :id",
                    now=now, id=call)  # fmt: skip
        _add(entries, on, agent, key_id, model, calls=1, lost=1, cost=reserved)


def forget(entries: Entries, now: float) -> None:
    """Remove single calls that are old. What they came to by day stays."""
    entries.run("DELETE FROM gateway_calls WHERE begun_at < :before AND outcome <> 'begun'",
                before=now - KEPT_DAYS * 86_400)  # fmt: skip
    entries.run("DELETE FROM gateway_batched WHERE NOT EXISTS (SELECT 1 FROM gateway_calls c WHERE c.id = call)")


def spent(entries: Entries, now: float, subject: str = FARM) -> Spent:
    """By an agent, or by the whole farm."""
    today = day(now)
    ((by_day, by_month),) = entries.run(
        "SELECT coalesce(sum(CASE WHEN day = :today THEN cost ELSE 0 END), 0), coalesce(sum(cost), 0)"
        " FROM gateway_spend WHERE day >= :first AND day <= :today AND (:subject = '*' OR agent = :subject)",
        today=today,
        first=f"{today[:8]}01",
        subject=subject,
    )
    ((held, under_way, in_batches),) = entries.run(
        "SELECT coalesce(sum(c.reserved), 0), count(*),"
        " coalesce(sum(CASE WHEN b.call IS NULL THEN 0 ELSE c.reserved END), 0)"
        " FROM gateway_calls c LEFT JOIN gateway_batched b ON b.call = c.id"
        " WHERE c.outcome = 'begun' AND (:subject = '*' OR c.agent = :subject)",
        subject=subject,
    )
    return Spent(int(by_day), int(by_month), int(held), int(under_way), int(in_batches))


def day(now: float) -> str:
    """The UTC day of a moment: 2026-11-27."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"


def _add(entries: Entries, on: str, agent: str, key_id: str, model: str, **sums: int) -> None:
    amounts = {**dict.fromkeys(_SUMS, 0), **sums}
    entries.run(_ADD, day=on, agent=agent, key_id=key_id, model=model, **amounts)
