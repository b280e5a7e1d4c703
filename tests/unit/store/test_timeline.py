from datetime import UTC, datetime

from store.timeline import Insight, ranked, same_words, timeline


def insight(name: str, subject: str = "price", fact: str = "high", day: int = 1, undone: bool = False) -> Insight:
    moment = datetime(2026, 1, day, tzinfo=UTC)
    return Insight(
        id=name,
        entity="deal:42",
        subject=subject,
        fact=fact,
        confidence=0.8,
        valid_from=moment,
        recorded_at=moment,
        undone_at=moment if undone else None,
    )


def test_a_fact_ends_where_the_next_on_its_subject_begins() -> None:
    """And names its successor; the last still holds."""
    first, second = timeline([insight("a", day=1), insight("b", day=5)])
    assert (first.valid_to, first.superseded_by) == (second.valid_from, "b")
    assert (second.valid_to, second.superseded_by) == (None, "")


def test_a_fact_learnt_late_takes_its_place_in_time() -> None:
    """What is learnt in June of January doesn't end what began in March."""
    march, january = timeline([insight("march", day=20), insight("january", day=3)])
    assert march.valid_to is None
    assert january.superseded_by == "march"


def test_of_two_that_begin_together_the_one_learnt_later_wins() -> None:
    """A correction."""
    first, second = timeline([insight("a"), insight("b")])
    assert not first.holds_at(first.valid_from)
    assert second.holds_at(second.valid_from)


def test_subjects_do_not_end_each_other() -> None:
    """Each has its own time line."""
    assert all(one.valid_to is None for one in timeline([insight("a"), insight("b", subject="date")]))


def test_an_undone_fact_never_held_and_the_one_before_it_holds_again() -> None:
    """Undoing is a mark on one row."""
    first, second = timeline([insight("a", day=1), insight("b", day=5, undone=True)])
    assert first.valid_to is None
    assert not second.holds_at(second.valid_from)


def test_the_best_match_comes_first_then_the_newest() -> None:
    """Words count without case and accents."""
    facts = [insight("old", day=1), insight("new", day=9), insight("match", subject="Décideur", day=5)]
    assert [one.id for one in ranked(facts, "qui est le decideur ?")] == ["match", "new", "old"]


def test_the_same_words_are_seen_through_their_spelling() -> None:
    """Case, accents, spaces and punctuation don't make another fact."""
    assert same_words("Budget  validé.", "budget valide")
    assert not same_words("budget validé", "budget refusé")
