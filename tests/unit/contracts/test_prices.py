import pytest

from contracts.calls import Usage
from contracts.prices import Rates

SONNET = Rates(
    model="sonnet",
    version="test #1",
    input=3e-6,
    output=15e-6,
    cache_read=0.3e-6,
    cache_write=3.75e-6,
    cache_write_1h=6e-6,
    batch=0.5,
)
USAGE = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=5000, cache_write_tokens=400)


def test_each_kind_of_token_has_its_price() -> None:
    """Input, output, read from the cache, written to it for five minutes and for an hour."""
    assert SONNET.cost(USAGE) == pytest.approx(0.003 + 0.0015 + 0.0015 + 0.0015)
    assert SONNET.cost(USAGE, written_1h=100) == pytest.approx(SONNET.cost(USAGE) + 100 * (6e-6 - 3.75e-6))


def test_a_batch_costs_its_share() -> None:
    """Of all kinds of tokens alike."""
    assert SONNET.cost(USAGE, batch=True) == pytest.approx(SONNET.cost(USAGE) / 2)


def test_the_cost_of_a_sum_is_the_sum_of_the_costs() -> None:
    """So a report may add tokens up before it prices them."""
    other = Usage(input_tokens=7, output_tokens=1, cache_write_tokens=3)
    assert SONNET.cost(USAGE + other, 2) == pytest.approx(SONNET.cost(USAGE, 1) + SONNET.cost(other, 1))


def test_without_a_cache_all_that_is_read_costs_what_input_does() -> None:
    """What caching saved is told against this."""
    assert SONNET.uncached(USAGE) == pytest.approx(6400 * 3e-6 + 100 * 15e-6)


def test_the_hit_rate_is_a_share_of_all_that_was_sent() -> None:
    """Zero where nothing was."""
    assert USAGE.cache_hit_rate == pytest.approx(5000 / 6400)
    assert Usage().cache_hit_rate == 0
