"""What must hold of a benchmark's figures, and that it can fail."""

from tests.bench import history, throughput
from tests.bench.contenders import FARMSTEAD
from tests.bench.history import HistoryRow
from tests.bench.throughput import ThroughputRow


def kept(turns: int, size: int, events: int, outcome: str = "completed") -> HistoryRow:
    return HistoryRow(FARMSTEAD.name, turns, size, events, 0, 0.01, outcome)


def took(system: str, concurrent: int, ms: float) -> ThroughputRow:
    turns = 50 if concurrent == 1 else 1
    return ThroughputRow(system, "plain", turns, concurrent, 1, 1000 / ms, ms, ms, ms, "completed")


def test_a_straight_and_flat_line_holds():
    """What a turn costs is what it costs beyond the shortest run, whatever a run costs once."""
    rows = [kept(5, 20_000, 80), kept(50, 110_000, 620), kept(1000, 2_010_000, 12_020)]
    assert all(each.holds for each in history.verdicts(rows))


def test_a_turn_too_dear_does_not_hold():
    """A byte or an event too many a turn is told."""
    assert not all(each.holds for each in history.verdicts([kept(5, 10_000, 60), kept(50, 10_000 + 45 * 2049, 600)]))
    assert not all(each.holds for each in history.verdicts([kept(5, 10_000, 60), kept(50, 20_000, 60 + 45 * 13)]))


def test_a_growing_line_does_not_hold():
    """20 runs of 50 turns may keep a tenth less than one of 1000, and no more."""
    bent = [kept(5, 1_000, 60), kept(50, 50_000, 600), kept(1000, 1_200_000, 12_000)]
    assert [each.holds for each in history.verdicts(bent)].count(False) == 1


def test_a_run_that_did_not_end_does_not_hold():
    """The longest run is the one that counts."""
    assert not history.verdicts([kept(5, 1_000, 60), kept(10, 2_000, 100, "terminated by the server: size")])[0].holds


def test_a_turn_takes_half_of_the_best_peers_time():
    """At one run at a time; the slower peer doesn't help."""
    peers = [took("A", 1, 80), took("B", 1, 100)]
    fast, slow = took(FARMSTEAD.name, 1, 40), took(FARMSTEAD.name, 1, 41)
    assert [each.holds for each in throughput.verdicts([fast, *peers], {"A", "B"})] == [True]
    assert [each.holds for each in throughput.verdicts([slow, *peers], {"A", "B"})] == [False]


def test_under_load_no_peer_on_temporal_is_better():
    """Systems without a server between them and their store stand beside it, and aren't the measure."""
    rows = [took(FARMSTEAD.name, 16, 50), took("A", 16, 60), took("in process", 16, 1)]
    assert [each.holds for each in throughput.verdicts(rows, {"A"})] == [True]
    rows[0] = took(FARMSTEAD.name, 16, 61)
    assert [each.holds for each in throughput.verdicts(rows, {"A"})] == [False]
