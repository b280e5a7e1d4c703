import dataclasses
import threading
from datetime import UTC, datetime

import pytest

from gateway.accounts.admission import Pace, Refusal, let_out, not_allowed, out_of_money, too_fast
from gateway.accounts.book import Book
from gateway.accounts.keys import find, make
from gateway.accounts.limits import FARM, Limits, limits_of, set_limits
from gateway.accounts.spend import LAPSE_S, Asked, Paid, Spent, begin, settle, spent
from gateway.prices.money import DOLLAR

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
ASKED = Asked("c1", "call", "sales-1", "sales", "triage", "claude-haiku-5-5", DOLLAR // 10, 50)
PAID = Paid("claude-haiku-5-5", DOLLAR // 20, 10, 5, 0, 0)


def asked(number: int, **other: object) -> Asked:
    return dataclasses.replace(ASKED, id=f"c{number}", **other)


def test_money_that_is_spent_is_told_with_whose_how_much_and_until_when() -> None:
    """A day's ends at midnight UTC."""
    why = out_of_money("sales", Limits(daily=5 * DOLLAR), Spent(5 * DOLLAR, 9 * DOLLAR, 0, 0), NOON)
    assert why == Refusal(
        402,
        "budget_exceeded: sales has spent $5.00 of the $5.00 a day that it may; no call until 2026-11-28 00:00 UTC. "
        "More: ./farm keys limit sales --daily <dollars>",
    )


def test_a_month_ends_with_it() -> None:
    """December's ends with the year."""
    limits, all_of_it = Limits(monthly=5 * DOLLAR), Spent(0, 5 * DOLLAR, 0, 0)
    december = datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp()
    assert "a month that it may; no call until 2026-12-01" in out_of_money(FARM, limits, all_of_it, NOON).message
    assert "no call until 2027-01-01" in out_of_money(FARM, limits, all_of_it, december).message


def test_the_farms_limit_says_so() -> None:
    """And names the verb that changes it."""
    why = out_of_money(FARM, Limits(daily=0), Spent(0, 0, 0, 0), NOON)
    assert "the whole farm has spent $0.00 of the $0.00 a day" in why.message
    assert "./farm keys limit all --daily" in why.message


def test_money_held_for_calls_under_way_passes() -> None:
    """It may be given back: come again soon. What is spent is not, and goes before."""
    limits = Limits(daily=5 * DOLLAR, monthly=20 * DOLLAR)
    why = out_of_money("sales", limits, Spent(4 * DOLLAR, 4 * DOLLAR, held=DOLLAR, under_way=3), NOON)
    assert (why.status, why.retry_after_s) == (429, 2)
    assert "3 calls under way" in why.message
    assert out_of_money("sales", limits, Spent(4 * DOLLAR, 20 * DOLLAR, DOLLAR, 3), NOON).status == 402


def test_what_is_left_is_let_out() -> None:
    """To the last picodollar, and without a limit always."""
    assert out_of_money("sales", Limits(daily=DOLLAR), Spent(DOLLAR - 2, 0, 1, 1), NOON) is None
    assert out_of_money("sales", Limits(), Spent(DOLLAR, DOLLAR, DOLLAR, 1), NOON) is None


def test_a_role_that_may_not_be_asked_for_says_how_to_allow_it() -> None:
    """With those that may be."""
    why = not_allowed("sales", Limits(models=("triage",)), "orchestrator")
    assert why.status == 403
    assert why.message == (
        "sales may not ask for orchestrator, only for triage. "
        "Allow it: ./farm keys limit sales --models triage,orchestrator"
    )
    assert not_allowed("sales", Limits(models=()), "triage") is not None
    assert not_allowed("sales", Limits(models=("triage",)), "triage") is None
    assert not_allowed("sales", Limits(), "anything") is None


def test_too_many_calls_wait_until_the_oldest_leaves_the_minute() -> None:
    """Not longer, and not shorter."""
    pace = Pace(((NOON - 50, 1), (NOON - 20.5, 1), (NOON - 1, 1)))
    assert too_fast("sales", Limits(rpm=4), pace, NOON) is None
    assert too_fast("sales", Limits(rpm=3), pace, NOON).retry_after_s == 10
    assert too_fast("sales", Limits(rpm=2), pace, NOON).retry_after_s == 40
    assert too_fast("sales", Limits(rpm=3), pace, NOON).status == 429


def test_too_many_tokens_wait_until_enough_have_left_the_minute() -> None:
    """Those of the oldest calls first."""
    pace = Pace(((NOON - 50, 100), (NOON - 30, 500), (NOON - 10, 300)))
    assert too_fast("sales", Limits(tpm=901), pace, NOON) is None
    assert too_fast("sales", Limits(tpm=900), pace, NOON).retry_after_s == 10
    assert too_fast("sales", Limits(tpm=400), pace, NOON).retry_after_s == 30
    assert "400 tokens a minute and had 900" in too_fast("sales", Limits(tpm=400), pace, NOON).message


def test_a_call_let_out_is_in_the_book(book: Book) -> None:
    """And its key was used."""
    with book.entries() as entries:
        _, text = make(entries, "sales", "claire")
        assert let_out(entries, ASKED) is None
        assert spent(entries, entries.now(), "sales").held == ASKED.reserved
        assert find(entries, text).last_used_at is not None


def test_a_call_refused_is_not(book: Book) -> None:
    """It counts for nothing."""
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=1)
        assert let_out(entries, asked(1)) is None
        assert let_out(entries, asked(2)).status == 429
        assert spent(entries, entries.now()).under_way == 1


@pytest.mark.parametrize("limits", [{"rpm": 1}, {"tpm": 50}, {"daily": 1}, {"monthly": 1}], ids=str)
def test_every_limit_holds_for_an_agent_and_for_the_farm(book: Book, limits: dict[str, int]) -> None:
    """An agent's leaves the others alone; the farm's is for all together."""
    with book.entries() as entries:
        set_limits(entries, "sales", **limits)
        assert let_out(entries, asked(1)) is None
        settle(entries, "c1", PAID)
        # what was settled has fewer tokens than were thought of
        begin(entries, asked(2, input_tokens=50), entries.now())
        assert let_out(entries, asked(3)) is not None
        assert let_out(entries, asked(4, agent="other")) is None
        set_limits(entries, FARM, **limits)
        assert "the whole farm" in let_out(entries, asked(5, agent="other")).message


def test_a_call_of_more_than_a_minute_ago_no_longer_counts(book: Book) -> None:
    """A minute is the last sixty seconds."""
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=1, tpm=1)
        begin(entries, asked(1), entries.now() - 61)
        assert let_out(entries, asked(2)) is None


def test_money_lost_is_money_spent(book: Book) -> None:
    """A call whose end nobody saw counts as soon as another asks."""
    with book.entries() as entries:
        set_limits(entries, "sales", monthly=DOLLAR // 10)
        begin(entries, asked(1), entries.now() - LAPSE_S - 1)
        assert let_out(entries, asked(2)).status == 402


def test_a_limit_taken_away_holds_no_longer(book: Book) -> None:
    """And the others stay as they were."""
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=1, models=("triage",))
        set_limits(entries, "sales", rpm=None)
        assert limits_of(entries, "sales") == Limits(models=("triage",))


def test_concurrent_calls_never_spend_the_same_money(book_url: str) -> None:
    """However many ask at once, no more goes over the limit than the one call that crosses it."""
    opened = Book(book_url)
    with opened.entries() as entries:
        set_limits(entries, "sales", daily=DOLLAR)
    in_full = dataclasses.replace(PAID, cost=ASKED.reserved)

    def ask(first: int) -> None:
        mine = Book(book_url)
        for number in range(first, first + 25):
            with mine.entries() as entries:
                why = let_out(entries, asked(number))
            if why is None:
                with mine.entries() as entries:
                    settle(entries, f"c{number}", in_full)
        mine.close()

    threads = [threading.Thread(target=ask, args=(first,)) for first in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened.reading() as entries:
        assert spent(entries, entries.now(), "sales").today == DOLLAR
    opened.close()
