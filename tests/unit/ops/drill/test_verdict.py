"""What a drill comes to."""

from collections import Counter
from dataclasses import replace

from ops.drill.evidence import Evidence
from ops.drill.verdict import EACH_ROUND, complaints, duplicates, lost, overpaid, unmet

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


def test_a_call_paid_twice_is_told() -> None:
    """The vendor answered more calls than the ledger has; a gateway that died took those under way along."""
    seen = replace(WELL, heads=10, answered=11)
    assert list(complaints(seen, [], [], [])) == ["1 model calls were paid twice: 11 answered, 10 in the ledger"]
    assert list(complaints(seen, [], [], [], gateway_died=True)) == []
    assert overpaid(replace(WELL, heads=10, answered=10)) == 0


def test_an_outage_that_nobody_met_is_told() -> None:
    """Somebody was turned away, and whoever has a standby was answered by it; else it proved nothing."""
    assert len(list(unmet(WELL))) == 2
    assert list(unmet(replace(WELL, overloaded=3, by_standby=1))) == []
