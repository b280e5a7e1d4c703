from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from contracts.events import Change, EntityRef, Event
from starter.sources.bounds import LARGEST, MOST_CHANGES, bounded


def event(changes: dict[str, JsonValue] | None = None, **fields: str) -> Event:
    return Event(
        source="pipedrive",
        kind="deal.change",
        entity=EntityRef(kind="deal", id="42"),
        occurred_at=datetime(2026, 11, 17, tzinfo=UTC),
        changes={name: Change(new=value) for name, value in (changes or {}).items()},
        **{"id": "one", "summary": "deal 42 changed"} | fields,
    )


def test_a_usual_event_stays_as_it_is() -> None:
    """Nothing is left out, nothing is said."""
    usual = event({"stage_id": 3, "title": "Résidence Les Tilleuls"})
    assert bounded(usual) == usual


@pytest.mark.parametrize("size", [10, 500, 100_000])
def test_a_thousand_changes_become_as_many_as_fit(size: int) -> None:
    """At most fifty and about 16 KB; the summary says how many are missing."""
    kept = bounded(event({f"field {n}": "x" * size for n in range(1000)}))
    assert len(kept.changes) <= MOST_CHANGES
    assert len(kept.model_dump_json()) < LARGEST + 500
    assert f"and {1000 - len(kept.changes)} more changes" in kept.summary


def test_a_small_change_behind_a_large_one_is_kept() -> None:
    """One field of 900 KB doesn't hide the stage."""
    assert list(bounded(event({"notes": "x" * 900_000, "stage_id": 3})).changes) == ["stage_id"]


def test_a_name_of_a_field_counts_too() -> None:
    """A long name is as large as a long value."""
    assert bounded(event({"x" * 900_000: 1})).changes == {}


@pytest.mark.parametrize("name", ["x" * 201, "with\x00nul"])
def test_an_id_that_no_index_takes_becomes_a_hash(name: str) -> None:
    """The same one each time, so that a re-delivery is still told."""
    short = bounded(event(id=name, actor=name))
    assert short.id.startswith("sha256:")
    assert len(short.id) < 200
    assert (short.id, short.actor) == (bounded(event(id=name)).id, short.id)


def test_a_full_summary_makes_room_for_what_is_missing() -> None:
    """It stays within its own bound."""
    kept = bounded(event({"notes": "x" * 20_000}, summary="s" * 500))
    assert len(kept.summary) <= 500
    assert kept.summary.endswith("[and 1 more changes, too many to tell]")
