"""The two counts that `./farm cost --reconcile` compares, each read from its own book."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from gateway.accounts.book import Book
from gateway.accounts.report import SpentCall, spend_since
from ops.cost.reconcile import DaySpent, OnlyTheProxy, Reconciliation, reconcile
from store.database import Database
from store.spending import Spending

PAID = ("answered", "lost")
BROKEN = "broken"


async def look(db: Database, book: Book, first: date) -> Reconciliation:
    """Both counts from a UTC day on; where they differ, the calls that only the proxy knows."""
    spending, begin = Spending(db), datetime.combine(first, time(), UTC)
    ledger = [
        DaySpent(day=date.fromisoformat(day), agent=agent, calls=calls, cost_usd=cost)
        for day, agent, calls, cost in await spending.by_day_and_agent(begin)
    ]
    calls, cost = await spending.in_batches(begin)
    found = reconcile(ledger, _proxy(book, begin), first)
    broken = tuple(map(_only_the_proxy, _ended(book, begin, (BROKEN,))))
    found = found.model_copy(update={"batched_calls": calls, "batched_usd": cost, "broken": broken})
    if not found.differences:
        return found
    known = await spending.call_ids(begin)
    return found.model_copy(update={"only_the_proxy": tuple(_unknown(book, begin, known))})


def _proxy(book: Book, begin: datetime) -> Sequence[DaySpent]:
    return [
        DaySpent(day=each.begun_at.date(), agent=each.agent, calls=1, cost_usd=each.cost_usd)
        for each in _ended(book, begin, PAID)
    ]


def _ended(book: Book, begin: datetime, how: Sequence[str]) -> Sequence[SpentCall]:
    """What asked for no role is what a batch was sent by: its requests are calls of their own."""
    with book.reading() as entries:
        return [each for each in spend_since(entries, begin) if each.outcome in how and each.role]


def _unknown(book: Book, begin: datetime, known: set[str]) -> Sequence[OnlyTheProxy]:
    return [_only_the_proxy(each) for each in _ended(book, begin, PAID) if each.call_id not in known]


def _only_the_proxy(call: SpentCall) -> OnlyTheProxy:
    return OnlyTheProxy(
        call_id=call.call_id,
        agent=call.agent,
        model=call.model,
        begun_at=call.begun_at,
        outcome=call.outcome,
        cost_usd=call.cost_usd,
    )
