"""Whether a call is let out, by the limits of its agent and of the whole farm. A limit refuses what comes after it is
reached: the call that crosses a line is finished.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from gateway.accounts import keys, spend
from gateway.accounts.book import Entries
from gateway.accounts.limits import FARM, Limits, limits_of
from gateway.accounts.spend import Asked, Spent
from gateway.prices.money import told

MINUTE_S = 60
SOON_S = 2
"""When to come again, where calls under way hold the rest of the money: a call takes a few seconds."""

LATER_S = 60
"""And where batches do: theirs take minutes to hours."""

_LAST_MINUTE = (
    "SELECT begun_at, input_tokens + cache_write_tokens + output_tokens AS tokens FROM gateway_calls"
    " WHERE begun_at > :since AND (:subject = '*' OR agent = :subject)"
    " AND NOT EXISTS (SELECT 1 FROM gateway_batched b WHERE b.call = gateway_calls.id) ORDER BY begun_at"
)


@dataclass(frozen=True)
class Refusal:
    """Why a call isn't let out. 402: money is spent. 403: not allowed. 429: come again after `retry_after_s`."""

    status: int
    message: str
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Pace:
    """The calls of the last minute: when each began (seconds since the epoch, the oldest first), and its tokens."""

    calls: tuple[tuple[float, int], ...] = ()


def let_out(entries: Entries, asked: Asked) -> Refusal | None:
    """Enter the call as begun; or say why not."""
    now = entries.now()
    spend.count_the_lost(entries, now)
    for subject in (asked.agent, FARM):
        limits = limits_of(entries, subject)
        why = (
            not_allowed(subject, limits, asked.role)
            or (out_of_money(subject, limits, spend.spent(entries, now, subject), now) if has_money(limits) else None)
            or out_of_pace(entries, subject, limits, now)
        )
        if why:
            return why
    spend.begin(entries, asked, now)
    keys.used(entries, asked.key_id, now)
    return None


def out_of_pace(entries: Entries, subject: str, limits: Limits, now: float) -> Refusal | None:
    """`too_fast`, by what the book has of the last minute. What went in a batch is no part of it but its submission."""
    return too_fast(subject, limits, _pace(entries, limits, now, subject), now)


def not_allowed(subject: str, limits: Limits, role: str) -> Refusal | None:
    """Whether the role is one that may be asked for."""
    if limits.models is None or role in limits.models:
        return None
    only = f"only for {', '.join(limits.models)}" if limits.models else "nor for any other"
    more = ",".join((*limits.models, role))
    return Refusal(403, f"{who(subject)} may not ask for {role}, {only}. Allow it: {_verb(subject)} --models {more}")


def out_of_money(subject: str, limits: Limits, spent: Spent, now: float) -> Refusal | None:
    """Whether a day's or a month's money is spent, or all that is left is held back for calls under way."""
    periods = [
        (
            limit,
            amount,
            f"{who(subject)} has spent {told(amount)} of the {told(limit)} {per} that it may",
            option,
            ends,
        )
        for limit, amount, per, option, ends in (
            (limits.daily, spent.today, "a day", "--daily", _tomorrow(now)),
            (limits.monthly, spent.month, "a month", "--monthly", _next_month(now)),
        )
        if limit is not None
    ]
    for limit, amount, words, option, ends in periods:
        if amount >= limit:
            until = f"no call until {ends:%Y-%m-%d %H:%M} UTC"
            return Refusal(402, f"budget_exceeded: {words}; {until}. More: {_verb(subject)} {option} <dollars>")
    for limit, amount, words, _, _ in periods:
        if amount + spent.held >= limit:
            by_batches = amount + spent.held - spent.held_in_batches < limit
            soon = LATER_S if by_batches else SOON_S
            return Refusal(429, f"{words}, and its {spent.under_way} calls under way may need the rest", soon)
    return None


def too_fast(subject: str, limits: Limits, pace: Pace, now: float) -> Refusal | None:
    """Whether the last minute had as many calls or tokens as it may."""
    for limit, weights, what in (
        (limits.rpm, [1] * len(pace.calls), "calls"),
        (limits.tpm, [tokens for _, tokens in pace.calls], "tokens"),
    ):
        if limit is not None and sum(weights) >= limit:
            wait = _until_below(limit, zip((begun for begun, _ in pace.calls), weights, strict=True), now)
            words = f"{who(subject)} may have {limit:,} {what} a minute and had {sum(weights):,}; again in {wait} s"
            return Refusal(429, words, wait)
    return None


def _until_below(limit: int, calls: Iterable[tuple[float, int]], now: float) -> int:
    """Seconds until so many have left the minute that what remains is below the limit."""
    listed = list(calls)
    left = sum(weight for _, weight in listed)
    for begun_at, weight in listed:
        left -= weight
        if left < limit:
            return max(1, ceil(begun_at + MINUTE_S - now))
    return MINUTE_S


def _pace(entries: Entries, limits: Limits, now: float, subject: str) -> Pace:
    if limits.rpm is None and limits.tpm is None:
        return Pace()
    rows = entries.run(_LAST_MINUTE, since=now - MINUTE_S, subject=subject)
    return Pace(tuple((begun_at, tokens) for begun_at, tokens in rows))


def has_money(limits: Limits) -> bool:
    """Whether any of the limits is one of money."""
    return limits.daily is not None or limits.monthly is not None


def who(subject: str) -> str:
    """An agent, or the farm, in words."""
    return "the whole farm" if subject == FARM else subject


def _verb(subject: str) -> str:
    return f"./farm keys limit {'all' if subject == FARM else subject}"


def _tomorrow(now: float) -> datetime:
    return _midnight(now) + timedelta(days=1)


def _next_month(now: float) -> datetime:
    return (_midnight(now).replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
