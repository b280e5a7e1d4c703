from pathlib import Path

import pytest

from gateway.accounts.book import Book
from gateway.accounts.keys import GIVEN, KeyRefused, all_keys, enter_given, find, make, revoke, rotate, used

HOUR = 3600


def test_a_key_is_known_by_its_text_and_kept_as_a_hash(book: Book, book_url: str) -> None:
    """Its text opens the gateway, and isn't in the database."""
    with book.entries() as entries:
        key, text = make(entries, "sales", "claire")
        found = find(entries, text)
        assert found == key
        assert (key.id, key.agent, key.made_by, key.state(entries.now())) == ("sales-1", "sales", "claire", "valid")
        assert len(text) > 40
        assert text not in str(entries.run("SELECT * FROM gateway_keys"))
        assert find(entries, text[:-1]) is None
    if book_url.startswith("sqlite"):
        assert text.encode() not in Path(book_url.removeprefix("sqlite:///")).read_bytes()


def test_an_agent_has_one_key(book: Book) -> None:
    """A second is refused, and the text says what to do."""
    with book.entries() as entries:
        make(entries, "sales", "claire")
        make(entries, "exec-briefing", "claire")
        with pytest.raises(KeyRefused, match="sales has a key, sales-1: rotate it"):
            make(entries, "sales", "claire")


def test_a_rotated_key_works_until_the_overlap_ends(book: Book) -> None:
    """Both open the gateway meanwhile; then the new one alone."""
    with book.entries() as entries:
        _, old = make(entries, "sales", "claire")
        new, text = rotate(entries, "sales", "claire", HOUR)
        now = entries.now()
        assert (new.id, find(entries, text)) == ("sales-2", new)
        before = find(entries, old)
        assert before
        assert (before.state(now), before.opens(now + HOUR - 5)) == ("ends", True)
        assert (before.state(now + HOUR + 5), before.opens(now + HOUR + 5)) == ("expired", False)


def test_a_second_rotation_doesnt_lengthen_the_first_ones_overlap(book: Book) -> None:
    """A key that ends keeps its end, or has an earlier one."""
    with book.entries() as entries:
        _, first = make(entries, "sales", "claire")
        _, second = rotate(entries, "sales", "claire", HOUR)
        rotate(entries, "sales", "claire", 48 * HOUR)
        now = entries.now()
        assert [find(entries, each).opens(now + 2 * HOUR) for each in (first, second)] == [False, True]
        rotate(entries, "sales", "claire", 0)
        assert [find(entries, each).opens(now + 5) for each in (first, second)] == [False, False]


def test_without_a_valid_key_there_is_nothing_to_rotate(book: Book) -> None:
    """The text says to make one."""
    with book.entries() as entries, pytest.raises(KeyRefused, match="make one"):
        rotate(entries, "sales", "claire", HOUR)


def test_a_revoked_key_ends_at_once(book: Book) -> None:
    """By its name alone; its agent's others go on."""
    with book.entries() as entries:
        _, old = make(entries, "sales", "claire")
        _, new = rotate(entries, "sales", "claire", HOUR)
        assert [key.id for key in revoke(entries, "sales-1", "tom")] == ["sales-1"]
        ended, now = find(entries, old), entries.now()
        assert ended
        assert (ended.state(now), ended.revoked_by, find(entries, new).state(now)) == ("revoked", "tom", "valid")
        with pytest.raises(KeyRefused, match="sales-1"):
            revoke(entries, "sales-1", "tom")


def test_an_agents_name_revokes_all_of_its_keys(book: Book) -> None:
    """Then another can be made, under a name that nobody had."""
    with book.entries() as entries:
        make(entries, "sales", "claire")
        rotate(entries, "sales", "claire", HOUR)
        assert {key.id for key in revoke(entries, "sales", "tom")} == {"sales-1", "sales-2"}
        assert make(entries, "sales", "claire")[0].id == "sales-3"


def test_a_given_key_is_entered_once(book: Book) -> None:
    """As what FARM_GATEWAY_KEYS says, however often the gateway starts; an empty one isn't a key."""
    with book.entries() as entries:
        for _ in range(2):
            enter_given(entries, {"sales": "sk-theirs", "exec-briefing": ""})
        (key,) = all_keys(entries)
        assert (key.agent, key.source, key.made_by) == ("sales", GIVEN, "FARM_GATEWAY_KEYS")


def test_a_rotated_key_of_the_environment_needs_it_no_longer(book: Book) -> None:
    """The environment soon names the new one, and the old one has its overlap all the same."""
    with book.entries() as entries:
        enter_given(entries, {"sales": "sk-theirs"})
        _, text = rotate(entries, "sales", "claire", HOUR)
        enter_given(entries, {"sales": text})
        assert {key.source for key in all_keys(entries)} == {"made"}


def test_its_last_use_is_noted(book: Book) -> None:
    """When a call was last let in with it."""
    with book.entries() as entries:
        key, text = make(entries, "sales", "claire")
        assert key.last_used_at is None
        used(entries, key.id, 1_764_000_000.0)
        assert find(entries, text).last_used_at == 1_764_000_000.0
