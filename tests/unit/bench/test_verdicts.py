"""What must hold of a benchmark's figures, and that it can fail."""

from dataclasses import replace

import pytest

from tests.bench import approvals, cost, entities, gateway, history, storm, throughput
from tests.bench.approvals import ApprovalsRow
from tests.bench.approvals_sender import FORGERIES, Asked, order
from tests.bench.contenders import FARMSTEAD
from tests.bench.cost import CostRow
from tests.bench.entities import EntitiesRow
from tests.bench.gateway_calls import Taken
from tests.bench.history import HistoryRow
from tests.bench.storm import StormRow
from tests.bench.storm_runs import Answered
from tests.bench.throughput import ThroughputRow


def kept(turns: int, size: int, events: int, outcome: str = "completed") -> HistoryRow:
    return HistoryRow(FARMSTEAD.name, turns, size, events, 0, 0.01, outcome)


def took(system: str, concurrent: int, ms: float) -> ThroughputRow:
    turns = 50 if concurrent == 1 else 1
    return ThroughputRow(system, "plain", turns, concurrent, 1, 1000 / ms, ms, ms, ms, "completed")


def cost_row(processed: float, skipped: float = 0.0015, *, recounted: bool = True) -> CostRow:
    return CostRow(
        "farmstead",
        1000,
        "one",
        60,
        0.1005,
        processed,
        0.0015,
        skipped,
        {"caching": 0.0, "batch": 0.0},
        {},
        processed,
        0.2,
        750,
        recounted,
    )


def test_what_an_event_may_cost():
    """Processed and skipped, and every call's cost must follow from its tokens."""
    assert [each.holds for each in cost.verdicts([cost_row(0.075)])] == [True, True, True]
    assert [each.holds for each in cost.verdicts([cost_row(0.0751, 0.0016, recounted=False)])] == [False] * 3


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


def decided(**changes: int) -> ApprovalsRow:
    """A hundred questions, all as it should be but for the changes."""
    said = dict.fromkeys(ApprovalsRow.__annotations__, 0) | {"system": FARMSTEAD.name}
    said |= {"pending": 100, "decided": 100, "executed": 100, "forged": 10, "refused_forged": 10}
    return ApprovalsRow(**said | changes)


@pytest.mark.parametrize(
    "flaw",
    [{"decided": 99}, {"executed": 99}, {"executed": 101}, {"duplicates": 1}, {"too_early": 1}, {"refused_forged": 9}],
    ids=str,
)
def test_one_question_gone_wrong_does_not_hold(flaw):
    """Undecided, undone, done twice, done too early, decided by a forger."""
    assert all(each.holds for each in approvals.verdicts(decided(), []))
    assert not all(each.holds for each in approvals.verdicts(decided(**flaw), []))


def test_forged_clicks_come_where_they_would_do_harm():
    """Of every kind, and before the good click; only what is decided already comes after it."""
    posts = order([Asked(f"a{n}", f"bench:task:{n}/run-1", "0" * 64) for n in range(70)], 14, seed=7)
    place = {id(post): n for n, post in enumerate(posts)}
    bad = [post for post in posts if post.forgery]
    assert {post.forgery for post in bad} == set(FORGERIES)
    assert all((place[id(post)] > place[id(post.genuine)]) is (post.forgery == "already-decided") for post in bad)
    assert len({post.channel for post in posts}) == 84


def test_memory_beyond_the_cache_does_not_hold():
    """A twentieth of what a cached entity takes is the allocator's; more is a leak."""
    row = EntitiesRow(FARMSTEAD.name, 3000, 200, 100, 1600, 120, 127, 100.0, 5.0, 50)
    assert all(each.holds for each in entities.verdicts(row))
    assert not entities.verdicts(replace(row, kb_per_beyond=5.1))[0].holds


WEATHERED = StormRow(
    runs=500,
    noisy=400,
    quiet=100,
    a_minute=50,
    minute_s=10.0,
    finished=500,
    calls=500,
    answered=500,
    refused=100,
    share=0.9,
    quiet_done_s=20.0,
    took_s=70.0,
    ideal_s=90.0,
)


@pytest.mark.parametrize(
    "worse", [{"finished": 499}, {"answered": 501}, {"calls": 499}, {"refused": 251}, {"share": 0.7}]
)
def test_a_storm_that_was_not_weathered_does_not_hold(worse):
    """A run that didn't end, a call paid twice, a vendor that was stormed, an agent that waited for the other."""
    assert all(each.holds for each in storm.verdicts(WEATHERED))
    assert [each.holds for each in storm.verdicts(replace(WEATHERED, **worse))].count(False) == 1


def answered(agent: str, at: float, asked_at: float | None = None) -> Answered:
    return Answered(agent, f"{agent}-{at}", at - 0.5 if asked_at is None else asked_at, at, 0.1)


def test_shares_are_of_what_was_answered_by_then():
    """An agent that had nothing has none; what came later doesn't count."""
    ledger = [answered(agent, at) for agent in ("noisy", "quiet") for at in (1.0, 2.0, 3.0)]
    assert storm.share(ledger, 3.0) == 1
    assert storm.share([*ledger, answered("noisy", 2.5)], 2.9) == pytest.approx(2 / 3)
    assert storm.share(ledger[:3], 3.0) == 0


def test_shares_are_counted_from_when_both_stood_at_the_gate():
    """What one had before the other asked was taken from nobody; what it had while the other waited was."""
    early = [answered("quiet", at) for at in (0.1, 0.2, 0.3)]
    ledger = [*early, answered("noisy", 3.0, asked_at=1.0), answered("quiet", 2.0)]
    assert storm.share(ledger, 3.0) == 1
    assert storm.share([*ledger, answered("quiet", 2.5)], 3.0) == 0.5


def through(added_ms: float, cpu_ms: float) -> list[gateway.GatewayRow]:
    """Ten calls directly and through the gateway, which takes so much longer, and so much of the processor."""
    direct = Taken((0.002,) * 10, 0.02, 0.01)
    ours = Taken((0.002 + added_ms / 1000,) * 10, 0.2, cpu_ms / 100)
    return gateway.told(1, {gateway.DIRECT: direct, gateway.FARMSTEAD: ours})


def test_what_the_gateway_may_add():
    """Less than 20 ms, and half of the processor time that bare LiteLLM took; each is judged by itself."""
    assert [each.holds for each in gateway.verdicts(through(19.9, 15.0))] == [True, True]
    assert [each.holds for each in gateway.verdicts(through(20.1, 15.0))] == [False, True]
    assert [each.holds for each in gateway.verdicts(through(19.9, 15.1))] == [True, False]


def test_a_rate_is_of_the_vendors_in_the_same_rounds():
    """A tenth of the calls a second is a tenth; without the vendor beside it, nothing is said."""
    assert through(18.0, 10.0)[1].rate == pytest.approx(0.1)
    (alone,) = gateway.told(16, {"farmstead without uvloop": Taken((0.1,), 0.1, 0.01)})
    assert (alone.rate, alone.added_ms) == (None, None)
