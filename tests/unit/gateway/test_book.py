import threading
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.accounts.book import BadBookUrl, Book, BookAway
from gateway.accounts.limits import Limits, limits_of, set_limits


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://root:s3cret@h/b", "postgresql://", "/a.db"]
)
def test_what_is_no_database_is_refused_without_repeating_it(url: str) -> None:
    """The text says which variable and what to give; a password in the URL stays out of it."""
    with pytest.raises(BadBookUrl, match="FARM_GATEWAY_STORE_URL") as refused:
        Book(url)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_a_file_is_made_with_its_folder(tmp_path: Path, scheme: str) -> None:
    """By the store's way of writing its URL, too."""
    file = tmp_path / "new" / "gateway.db"
    book = Book(f"{scheme}:///{file}")
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=1)
    book.close()
    assert file.exists()


def test_an_entry_is_there_for_the_next_who_opens_it(book: Book, book_url: str) -> None:
    """What is committed is kept."""
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=7)
    another = Book(book_url)
    with another.reading() as entries:
        assert limits_of(entries, "sales") == Limits(rpm=7)
    another.close()


def test_what_fails_leaves_nothing(book: Book) -> None:
    """A transaction is whole or it isn't, and the next one works."""
    with suppress(RuntimeError), book.entries() as entries:
        set_limits(entries, "sales", rpm=7)
        raise RuntimeError
    with book.entries() as entries:
        assert limits_of(entries, "sales") == Limits()


def test_a_failed_reading_leaves_the_book_usable(book: Book) -> None:
    """The next transaction is not within the last."""
    with suppress(RuntimeError), book.reading():
        raise RuntimeError
    with book.entries() as entries:
        set_limits(entries, "sales", rpm=7)
        assert limits_of(entries, "sales") == Limits(rpm=7)


def test_transactions_of_several_processes_take_turns(book_url: str) -> None:
    """Each reads what the one before it wrote, so that none of a hundred steps is lost."""

    def step() -> None:
        mine = Book(book_url)
        for _ in range(25):
            with mine.entries() as entries:
                set_limits(entries, "sales", rpm=(limits_of(entries, "sales").rpm or 0) + 1)
        mine.close()

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = Book(book_url)
    with book.reading() as entries:
        assert limits_of(entries, "sales").rpm == 100
    book.close()


def test_a_database_that_is_away_is_said_so() -> None:
    """And asked for again at the next transaction."""
    book = Book("postgresql://farm@127.0.0.1:1/book")
    for _ in range(2):
        with pytest.raises(BookAway, match="can't be opened"), book.entries():
            pass


def test_the_clock_is_the_time_of_day(book: Book) -> None:
    """Seconds since the epoch, whichever database's."""
    with book.reading() as entries:
        assert 1_700_000_000 < entries.now() < 5_000_000_000


def test_a_reader_waits_for_no_writer_of_its_own_process(book: Book) -> None:
    """A key is looked up while another call is being entered, and what isn't committed isn't seen."""
    with book.reading():
        pass
    with book.entries() as writing:
        set_limits(writing, "sales", rpm=7)
        with book.reading() as entries:
            assert limits_of(entries, "sales") == Limits()
