import dataclasses
from datetime import UTC, date, datetime

from gateway.accounts.book import Book, Entries
from gateway.accounts.report import SpentOnDay, spend_by_day, spend_since
from gateway.accounts.spend import (
    KEPT_DAYS,
    LAPSE_S,
    Asked,
    Paid,
    Spent,
    begin,
    break_off,
    count_the_lost,
    forget,
    give_up,
    settle,
    spent,
)
from gateway.prices.money import DOLLAR

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
DAY = 86_400
ASKED = Asked("c1", "sales:deal:42/run-1/triage-1", "sales-1", "sales", "triage", "claude-haiku-5-5", 5 * DOLLAR, 900)
PAID = Paid("claude-haiku-5-5", 2 * DOLLAR, 100, 20, 30, 40)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def asked(name: str, **other: object) -> Asked:
    return dataclasses.replace(ASKED, id=name, **other)


def outcomes(entries: Entries) -> list[tuple[str, float]]:
    return [(each.outcome, each.cost_usd) for each in spend_since(entries, EPOCH)]


def test_a_call_under_way_is_held_and_then_settled(book: Book) -> None:
    """The most that it may cost, until what it cost is known."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        assert spent(entries, NOON, "sales") == Spent(0, 0, held=5 * DOLLAR, under_way=1)
        settle(entries, "c1", PAID)
        assert spent(entries, NOON, "sales") == Spent(2 * DOLLAR, 2 * DOLLAR, held=0, under_way=0)


def test_settled_twice_counts_once(book: Book) -> None:
    """The proxy may tell of an end twice."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        settle(entries, "c1", PAID)
        settle(entries, "c1", dataclasses.replace(PAID, cost=9 * DOLLAR))
        assert spent(entries, NOON).today == 2 * DOLLAR


def test_a_call_that_failed_costs_nothing(book: Book) -> None:
    """What was held is let go, and no token counts."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        give_up(entries, "c1")
        assert spent(entries, NOON) == Spent(0, 0, 0, 0)
        (call,) = spend_since(entries, EPOCH)
        assert (call.outcome, call.input_tokens) == ("failed", 0)


def test_giving_up_comes_too_late_for_what_is_settled(book: Book) -> None:
    """And settling doesn't for what was given up: it was paid for."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        settle(entries, "c1", PAID)
        give_up(entries, "c1")
        begin(entries, asked("c2"), NOON)
        give_up(entries, "c2")
        settle(entries, "c2", PAID)
        assert outcomes(entries) == [("answered", 2), ("answered", 2)]
        assert spent(entries, NOON).today == 4 * DOLLAR


def test_a_call_that_broke_off_is_money_spent(book: Book) -> None:
    """At what had come of it, in its own kind; what was held is let go, and tokens and day count it."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        break_off(entries, "c1", PAID)
        assert spent(entries, NOON, "sales") == Spent(2 * DOLLAR, 2 * DOLLAR, held=0, under_way=0)
        (call,) = spend_since(entries, EPOCH)
        assert (call.outcome, call.input_tokens, call.output_tokens) == ("broken", 100, 20)
        assert [(row.calls, row.cost_usd) for row in spend_by_day(entries, date(2026, 1, 1))] == [(1, 2.0)]


def test_a_call_breaks_off_once(book: Book) -> None:
    """Told again or given up afterwards it stays; and what was answered doesn't break off any more."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        break_off(entries, "c1", PAID)
        break_off(entries, "c1", dataclasses.replace(PAID, cost=9 * DOLLAR))
        settle(entries, "c1", dataclasses.replace(PAID, cost=9 * DOLLAR))
        give_up(entries, "c1")
        count_the_lost(entries, NOON + LAPSE_S + 1)
        begin(entries, asked("c2"), NOON)
        settle(entries, "c2", PAID)
        break_off(entries, "c2", PAID)
        assert outcomes(entries) == [("broken", 2), ("answered", 2)]
        assert spent(entries, NOON).today == 4 * DOLLAR


def test_a_call_whose_end_nobody_saw_counts_with_the_most(book: Book) -> None:
    """Once it must have ended, and not before."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        count_the_lost(entries, NOON + LAPSE_S - 1)
        assert outcomes(entries) == [("begun", 0)]
        count_the_lost(entries, NOON + LAPSE_S + 1)
        count_the_lost(entries, NOON + LAPSE_S + 2)
        assert outcomes(entries) == [("lost", 5)]
        assert spent(entries, NOON) == Spent(5 * DOLLAR, 5 * DOLLAR, 0, 0)


def test_a_lost_call_that_turns_up_counts_with_what_it_cost(book: Book) -> None:
    """The sums lose what was assumed."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        count_the_lost(entries, NOON + LAPSE_S + 1)
        settle(entries, "c1", PAID)
        assert outcomes(entries) == [("answered", 2)]
        assert spent(entries, NOON).today == 2 * DOLLAR
        assert sum(row.lost for row in spend_by_day(entries, date(2026, 1, 1))) == 0
        assert sum(row.calls for row in spend_by_day(entries, date(2026, 1, 1))) == 1


def test_a_call_counts_for_the_day_and_the_month_in_which_it_began(book: Book) -> None:
    """Not for the one in which it ended."""
    with book.entries() as entries:
        for name, when in (("c1", NOON), ("c2", NOON - DAY), ("c3", NOON - 30 * DAY), ("c4", NOON + DAY)):
            begin(entries, asked(name), when)
            settle(entries, name, PAID)
        assert spent(entries, NOON, "sales") == Spent(2 * DOLLAR, 4 * DOLLAR, 0, 0)


def test_the_farms_spend_is_everybodys(book: Book) -> None:
    """An agent's is its own, with whatever key."""
    with book.entries() as entries:
        for name, agent, key in (("c1", "sales", "sales-1"), ("c2", "sales", "sales-2"), ("c3", "operator", "master")):
            begin(entries, asked(name, agent=agent, key_id=key), NOON)
            settle(entries, name, PAID)
        assert spent(entries, NOON, "sales").today == 4 * DOLLAR
        assert spent(entries, NOON).today == 6 * DOLLAR
        assert spent(entries, NOON, "nobody").today == 0


def test_a_sum_of_tiny_amounts_is_exact(book: Book) -> None:
    """Ten times a tenth of a cent is a cent, to the last digit."""
    with book.entries() as entries:
        for number in range(10):
            begin(entries, asked(f"c{number}"), NOON)
            settle(entries, f"c{number}", dataclasses.replace(PAID, cost=DOLLAR // 1000))
        assert spent(entries, NOON).today == DOLLAR // 100


def test_calls_are_told_one_by_one_and_by_day(book: Book) -> None:
    """With the caller's id for each, and what they came to together."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        settle(entries, "c1", PAID)
        begin(entries, asked("c2", call_id="another"), NOON + 1)
        settle(entries, "c2", PAID)
        (call,) = spend_since(entries, datetime.fromtimestamp(NOON + 1, UTC))
        assert (call.call_id, call.key, call.role, call.cost_usd) == ("another", "sales-1", "triage", 2.0)
        assert (call.input_tokens, call.output_tokens, call.cache_read_tokens, call.cache_write_tokens) == (
            100, 20, 30, 40,
        )  # fmt: skip
        assert spend_by_day(entries, date(2026, 11, 27)) == [
            SpentOnDay(date(2026, 11, 27), "sales", "sales-1", "claude-haiku-5-5", 2, 0, 4.0, 200, 40, 60, 80)
        ]
        assert spend_by_day(entries, date(2026, 11, 28)) == []


def test_old_calls_are_forgotten_and_their_sums_stay(book: Book) -> None:
    """A day's money is known for good."""
    with book.entries() as entries:
        begin(entries, ASKED, NOON)
        settle(entries, "c1", PAID)
        forget(entries, NOON + KEPT_DAYS * DAY - 1)
        assert len(outcomes(entries)) == 1
        forget(entries, NOON + KEPT_DAYS * DAY + 1)
        assert outcomes(entries) == []
        assert spent(entries, NOON).today == 2 * DOLLAR
