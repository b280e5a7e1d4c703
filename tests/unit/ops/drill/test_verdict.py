"""What a drill comes to."""

from collections import Counter
from dataclasses import replace

from ops.drill.evidence import Evidence
from ops.drill.verdict import EACH_ROUND, complaints, duplicates, lost

DEAL, ROUNDS = 101, {101: 2}
WELL = Evidence(
    effects={(kind, DEAL): Counter({"first": 1, "second": 1}) for kind in EACH_ROUND},
    events=frozenset({"e1", "e2"}),
    undelivered=0,
    taken=Counter({"e1": 1, "e2": 1}),
    runs={"sales:deal:101/run-1": "done", "sales:deal:101/run-2": "skipped"},
    reasons={"sales:deal:101/run-1": "", "sales:deal:101/run-2": ""},
    in_doubt=0,
)


def with_effects(kind: str, **standing: int) -> Evidence:
    return replace(WELL, effects={**WELL.effects, (kind, DEAL): Counter(standing)})


def test_each_effect_once_is_well() -> None:
    """Two rounds, two of everything, every event in one finished run."""
    assert (duplicates(WELL, ROUNDS), lost(WELL, ROUNDS)) == ([], [])
    assert list(complaints(WELL, [], [], [])) == []


def test_one_too_many_is_a_duplicate() -> None:
    """Even where it came under another key."""
    assert len(duplicates(with_effects("note create", first=1, second=1, third=1), ROUNDS)) == 1


def test_a_missing_one_doesnt_hide_a_duplicate() -> None:
    """The number is right, and yet one stands twice and one is lost."""
    seen = with_effects("mail sent", first=2)
    assert (len(duplicates(seen, ROUNDS)), len(lost(seen, ROUNDS))) == (1, 1)


def test_an_event_in_no_finished_run_is_lost() -> None:
    """And one in two of them was worked on twice."""
    seen = replace(WELL, taken=Counter({"e1": 2}))
    assert (len(duplicates(seen, ROUNDS)), len(lost(seen, ROUNDS))) == (1, 1)


def test_whatever_else_is_wrong_is_said() -> None:
    """A run that didn't end well, a broken chain, an event that the CRM gave up, a round that is late."""
    seen = replace(
        WELL,
        runs={"sales:deal:101/run-1": "waiting"},
        broken=("sales:deal:101/run-1 triage-1: turn abc is missing",),
        undelivered=1,
    )
    assert len(list(complaints(seen, [], [], ["deal:101, round 2: no end"]))) == 4
