"""Requests that went to a vendor in a batch: each is a call of the book, at the most that it can cost until its result
is read.

A batch's results are read hours later, by whoever may, and perhaps twice, or by nobody. So what it may cost is held
until then; what is never read counts, after a day and some hours, as lost, at that most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.accounts import admission, keys, spend
from gateway.accounts.admission import Refusal
from gateway.accounts.book import Entries
from gateway.accounts.limits import FARM, Limits, limits_of
from gateway.accounts.paid import by_usage
from gateway.accounts.spend import Asked
from gateway.prices.money import told

Usage = Mapping[str, Any]
"""As the vendor tells it."""


@dataclass(frozen=True)
class Requested:
    """One request of a batch. `names`: those under which its model may be asked for, roles among them."""

    custom_id: str
    asked: Asked
    names: frozenset[str]


def let_out(entries: Entries, submission: Asked, requests: Sequence[Requested]) -> Refusal | None:
    """Enter a batch's submission as a call, and each of its requests; or say why none of them goes out.

    A request of that name whose batch the vendor never had, as far as anybody heard, is let go: here it comes again.
    """
    now = entries.now()
    for each in requests:
        _let_go(entries, submission.agent, each.custom_id)
    spend.count_the_lost(entries, now)
    for subject in (submission.agent, FARM):
        limits = limits_of(entries, subject)
        why = (
            _not_allowed(subject, limits, requests)
            or _too_dear(entries, subject, limits, requests, now)
            or admission.out_of_pace(entries, subject, limits, now)
        )
        if why:
            return why
    spend.begin(entries, submission, now)
    for each in requests:
        spend.begin(entries, each.asked, now)
        entries.run(
            "INSERT INTO gateway_batched (call, agent, batch, custom_id) VALUES (:call, :agent, '', :custom_id)",
            call=each.asked.id,
            agent=submission.agent,
            custom_id=each.custom_id,
        )
    keys.used(entries, submission.key_id, now)
    return None


def taken(entries: Entries, calls: Sequence[str], batch: str) -> None:
    """The vendor has them, as `batch`."""
    for call in calls:
        entries.run("UPDATE gateway_batched SET batch = :batch WHERE call = :call", batch=batch, call=call)


def not_taken(entries: Entries, calls: Sequence[str]) -> None:
    """The vendor said no to them."""
    for call in calls:
        spend.give_up(entries, call)


def settle(
    entries: Entries, agent: str, batch: str, results: Mapping[str, Usage | None], cost: Callable[[str, Usage], int]
) -> None:
    """Enter what a batch's requests came to: custom id -> usage, None where there was no answer and nothing to pay.

    `agent` reads them: where nobody saw the vendor take the batch, its requests are known by their names alone.
    `cost`: picodollars of a model's usage in a batch.
    """
    for custom_id, usage in results.items():
        for call, model in _found(entries, agent, batch, custom_id):
            if usage is None:
                spend.give_up(entries, call)
            else:
                spend.settle(entries, call, by_usage(model, usage, cost(model, usage)))
            taken(entries, [call], batch)


def _found(entries: Entries, agent: str, batch: str, custom_id: str) -> list[Any]:
    return entries.run(
        "SELECT c.id, c.model FROM gateway_batched b JOIN gateway_calls c ON c.id = b.call"
        " WHERE b.custom_id = :custom_id AND (b.batch = :batch OR (b.batch = '' AND b.agent = :agent))"
        " ORDER BY b.batch DESC, c.begun_at DESC LIMIT 1",
        custom_id=custom_id,
        batch=batch,
        agent=agent,
    )


def _let_go(entries: Entries, agent: str, custom_id: str) -> None:
    rows = entries.run(
        "SELECT call FROM gateway_batched WHERE custom_id = :custom_id AND agent = :agent AND batch = ''",
        custom_id=custom_id,
        agent=agent,
    )
    for (call,) in rows:
        spend.give_up(entries, call)


def _not_allowed(subject: str, limits: Limits, requests: Sequence[Requested]) -> Refusal | None:
    """A model is allowed by its own name, and by that of a role that it plays."""
    for each in requests:
        if limits.models is not None and each.names.isdisjoint(limits.models):
            return admission.not_allowed(subject, limits, each.asked.model)
    return None


def _too_dear(
    entries: Entries, subject: str, limits: Limits, requests: Sequence[Requested], now: float
) -> Refusal | None:
    """A limit is passed by one call that crosses it, in a batch as by itself."""
    if not admission.has_money(limits):
        return None
    spent = spend.spent(entries, now, subject)
    if why := admission.out_of_money(subject, limits, spent, now):
        return why
    mosts = [each.asked.reserved for each in requests]
    all_but_one = sum(mosts) - max(mosts)
    for limit, amount in ((limits.daily, spent.today), (limits.monthly, spent.month)):
        if limit is not None and amount + spent.held + all_but_one >= limit:
            left = told(limit - amount - spent.held)
            return Refusal(
                402,
                f"budget_exceeded: a batch of {len(requests)} requests may cost {told(sum(mosts))}, and "
                f"{admission.who(subject)} has {left} left. They can be asked one by one.",
            )
    return None
