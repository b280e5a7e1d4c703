from typing import Any

import pytest

from contracts.calls import Usage
from ops.cost.report import Runs, batch_saved, cache_saved, if_cost, line, lines, recount, runs
from store.spending import RunCosts, Spent
from tests.unit.store.samples import rates

SONNET = rates()
HAIKU = rates(model="haiku", version="test #2", input=1e-6, output=5e-6)


def spent(key: str = "sales", **changes: Any) -> Spent:
    usage = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=2000, cache_write_tokens=500)
    values = {
        "key": key,
        "role": "orchestrator",
        "model": "sonnet",
        "price_version": SONNET.version,
        "batch": False,
        "calls": 2,
        "cached": 0,
        "fallbacks": 1,
        "usage": usage,
        "cost_usd": SONNET.cost(usage, 100),
        "cache_write_1h_tokens": 100,
    }
    return Spent.model_validate(values | changes)


def test_a_line_sums_its_calls_up() -> None:
    """With the share of what was sent that came from the cache."""
    told = line("sales", [spent(), spent(role="triage", batch=True)], {})
    assert (told.calls, told.fallbacks, told.batched, told.input_tokens) == (4, 2, 2, 2000)
    assert told.cache_hit_rate == pytest.approx(2000 / 3500, abs=1e-4)
    assert told.if_usd is None


def test_the_dearest_line_comes_first() -> None:
    """But days in their order."""
    given = [spent("a", cost_usd=1.0), spent("b", cost_usd=3.0), spent("a", cost_usd=1.0)]
    assert [each.key for each in lines(given, {}, by_cost=True)] == ["b", "a"]
    assert [(each.key, each.cost_usd) for each in lines(given, {}, by_cost=False)] == [("a", 2.0), ("b", 3.0)]


def test_another_model_in_a_role_is_priced_on_the_same_tokens() -> None:
    """Batches at its own share; the other roles stay as they were."""
    instead = {"orchestrator": HAIKU}
    assert if_cost(spent(), instead) == pytest.approx(HAIKU.cost(spent().usage, 100))
    assert if_cost(spent(batch=True), instead) == pytest.approx(HAIKU.cost(spent().usage, 100) / 2)
    assert if_cost(spent(role="triage"), instead) == spent().cost_usd
    assert line("all", [spent(), spent(role="triage")], instead).if_usd == pytest.approx(
        HAIKU.cost(spent().usage, 100) + spent().cost_usd
    )


def test_a_batch_saved_what_its_calls_had_cost_more_alone() -> None:
    """Calls by themselves saved nothing by that, and of those without a price nobody knows."""
    priced, alone = {SONNET.version: SONNET}, SONNET.cost(spent().usage, 100)
    given = [spent(), spent(batch=True), spent(batch=True, price_version="")]
    assert 0 < batch_saved(given, priced) == pytest.approx(alone / 2)


def test_a_sum_can_be_counted_again() -> None:
    """By the price on record; without one there is nothing to count by."""
    priced = {SONNET.version: SONNET}
    assert recount(spent(), priced) == pytest.approx(spent().cost_usd)
    assert recount(spent(price_version=""), priced) is None


def test_what_a_cache_saved_is_against_the_same_tokens_without_it() -> None:
    """Negative where more was written than read."""
    priced = {SONNET.version: SONNET}
    read = Usage(cache_read_tokens=1000)
    written = Usage(cache_write_tokens=1000)
    assert cache_saved([spent(usage=read, cache_write_1h_tokens=0)], priced) == pytest.approx(1000 * 2.7e-6)
    assert cache_saved([spent(usage=written, cache_write_1h_tokens=0)], priced) == pytest.approx(-1000 * 0.75e-6)
    assert cache_saved([spent(usage=read, price_version="")], priced) == 0


def test_what_triage_saved_is_measured_on_the_runs_that_went_on() -> None:
    """Three stopped at 1 cent each, where one that goes on costs 10; nothing can be said where none went on."""
    costs = [RunCosts(skipped=True, runs=3, cost_usd=0.03), RunCosts(skipped=False, runs=2, cost_usd=0.2)]
    told = runs(costs)
    assert told == Runs(done=2, done_usd=0.2, skipped=3, skipped_usd=0.03)
    assert told.skipped_share == pytest.approx(0.6)
    assert told.triage_saved_usd == pytest.approx(3 * 0.1 - 0.03)
    assert runs(costs[:1]).triage_saved_usd is None
