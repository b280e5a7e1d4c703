"""A batch at the gateway's fence: each of its requests is let out, held and settled as a call is."""

import dataclasses
from datetime import UTC, datetime

from gateway.accounts import batched
from gateway.accounts.admission import let_out as let_one_out
from gateway.accounts.batched import Requested
from gateway.accounts.book import Book, Entries
from gateway.accounts.limits import FARM, set_limits
from gateway.accounts.report import SpentCall, spend_since
from gateway.accounts.spend import BATCH_LAPSE_S, LAPSE_S, Asked, count_the_lost, spent
from gateway.prices.money import DOLLAR

SUBMISSION = Asked("s1", "batch/t1", "sales-1", "sales", "", "", 0, 0)
NAMES = frozenset({"insight", "claude-x"})
USAGE = {"input_tokens": 100, "output_tokens": 20}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def requests(*numbers: int, most: int = DOLLAR // 10, of: str = "s1") -> list[Requested]:
    return [
        Requested(
            f"t1-{number}",
            Asked(f"{of}-{number}", f"batch/t1-{number}", "sales-1", "sales", "claude-x", "claude-x", most, 500),
            NAMES,
        )
        for number in numbers
    ]


def sent(entries: Entries, *numbers: int, most: int = DOLLAR // 10, of: str = "s1"):
    submission = dataclasses.replace(SUBMISSION, id=of)
    return batched.let_out(entries, submission, requests(*numbers, most=most, of=of))


def cost(model: str, usage: batched.Usage) -> int:
    assert model == "claude-x"
    return int(usage["input_tokens"]) * DOLLAR // 10_000


def calls(entries: Entries) -> dict[str, SpentCall]:
    return {each.call_id: each for each in spend_since(entries, EPOCH) if each.role}


def outcomes(entries: Entries) -> dict[str, str]:
    return {name.removeprefix("batch/"): each.outcome for name, each in calls(entries).items()}


def test_what_a_batch_may_cost_is_held(book: Book) -> None:
    """Of each of its requests, until its results are read: for a day and more, and not for the minutes of a call."""
    with book.entries() as entries:
        assert sent(entries, 1, 2) is None
        held = spent(entries, entries.now(), "sales")
        assert (held.held, held.held_in_batches) == (DOLLAR // 5, DOLLAR // 5)
        count_the_lost(entries, entries.now() + LAPSE_S + 1)
        assert set(outcomes(entries).values()) == {"begun"}


def test_results_that_nobody_reads_count_at_the_most(book: Book) -> None:
    """After thirty hours; and if they are read after all, with what they were."""
    with book.entries() as entries:
        sent(entries, 1)
        batched.taken(entries, ["s1-1"], "msgbatch_1")
        count_the_lost(entries, entries.now() + BATCH_LAPSE_S + 1)
        assert spent(entries, entries.now(), "sales").today == DOLLAR // 10
        batched.settle(entries, "sales", "msgbatch_1", {"t1-1": USAGE}, cost)
        assert spent(entries, entries.now(), "sales").today == DOLLAR // 100


def test_a_result_is_counted_once(book: Book) -> None:
    """However often it is read, and by whom; a request without an answer costs nothing."""
    with book.entries() as entries:
        sent(entries, 1, 2)
        batched.taken(entries, ["s1-1", "s1-2"], "msgbatch_1")
        for reader in ("sales", "another"):
            batched.settle(entries, reader, "msgbatch_1", {"t1-1": USAGE, "t1-2": None, "unknown": USAGE}, cost)
        assert outcomes(entries) == {"t1-1": "answered", "t1-2": "failed"}
        now = spent(entries, entries.now(), "sales")
        assert (now.today, now.held) == (DOLLAR // 100, 0)
        assert calls(entries)["batch/t1-1"].output_tokens == 20


def test_a_batch_of_another_name_settles_nothing(book: Book) -> None:
    """Two batches may have requests of one name."""
    with book.entries() as entries:
        sent(entries, 1)
        batched.taken(entries, ["s1-1"], "msgbatch_1")
        batched.settle(entries, "sales", "msgbatch_2", {"t1-1": USAGE}, cost)
        assert outcomes(entries) == {"t1-1": "begun"}


def test_a_batch_that_nobody_saw_taken_is_known_by_its_requests(book: Book) -> None:
    """By its own agent alone."""
    with book.entries() as entries:
        sent(entries, 1)
        batched.settle(entries, "another", "msgbatch_1", {"t1-1": USAGE}, cost)
        assert outcomes(entries) == {"t1-1": "begun"}
        batched.settle(entries, "sales", "msgbatch_1", {"t1-1": USAGE}, cost)
        assert outcomes(entries) == {"t1-1": "answered"}


def test_a_batch_that_is_sent_again_is_held_once(book: Book) -> None:
    """Where nobody saw the vendor take the first one. One that it took is another batch."""
    with book.entries() as entries:
        sent(entries, 1)
        sent(entries, 1, of="s2")
        assert spent(entries, entries.now(), "sales").held == DOLLAR // 10
        batched.taken(entries, ["s2-1"], "msgbatch_2")
        sent(entries, 1, of="s3")
        assert spent(entries, entries.now(), "sales").held == DOLLAR // 5


def test_what_the_vendor_refused_holds_nothing(book: Book) -> None:
    """And costs nothing."""
    with book.entries() as entries:
        sent(entries, 1)
        batched.not_taken(entries, ["s1-1"])
        assert (outcomes(entries), spent(entries, entries.now(), "sales").held) == ({"t1-1": "failed"}, 0)


def test_no_batch_passes_a_limit_by_more_than_one_call(book: Book) -> None:
    """All requests but the dearest must be within it; one that isn't enters nothing."""
    with book.entries() as entries:
        set_limits(entries, "sales", daily=DOLLAR // 2)
        why = sent(entries, *range(6))
        assert why.status == 402
        assert "a batch of 6 requests may cost $0.60, and sales has $0.50 left" in why.message
        assert spend_since(entries, EPOCH) == []
        assert sent(entries, *range(5)) is None


def test_money_that_a_batch_holds_is_not_lent_twice(book: Book) -> None:
    """A call by itself is told to come again, and not so soon as where calls hold it."""
    with book.entries() as entries:
        set_limits(entries, FARM, monthly=DOLLAR // 2)
        assert sent(entries, *range(5)) is None
        why = let_one_out(entries, dataclasses.replace(requests(9)[0].asked, agent="support"))
        assert (why.status, why.retry_after_s) == (429, 60)
        assert sent(entries, 7, of="s2").status == 429


def test_a_model_is_allowed_by_the_roles_that_it_plays(book: Book) -> None:
    """Or by its own name; for any other the whole batch is refused."""
    with book.entries() as entries:
        for models, status in ((("insight",), None), (("claude-x", "triage"), None), (("triage",), 403), ((), 403)):
            set_limits(entries, "sales", models=models)
            why = sent(entries, 1, of=f"s-{'-'.join(models)}")
            assert (why.status if why else None) == status, models


def test_a_batch_is_one_call_of_the_minute(book: Book) -> None:
    """Its requests are asked at the vendor's own pace."""
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=2, tpm=100)
        assert sent(entries, *range(5)) is None
        assert sent(entries, 7, of="s2") is None
        assert sent(entries, 8, of="s3").status == 429
