import logging

import pytest

from gateway.accounts.paid import by_usage, paid
from gateway.accounts.spend import Paid
from gateway.prices.money import picodollars

SUMMARY = {
    "model": "anthropic/claude-haiku-5-5",
    "response_cost": 0.004,
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "metadata": {"usage_object": {"cache_read_input_tokens": 700, "cache_creation_input_tokens": 200}},
}


def test_cached_tokens_are_told_apart() -> None:
    """The proxy's prompt is all of it; the book's input is what no cache had a part in."""
    told = {"response_cost": 0.004, "standard_logging_object": SUMMARY}
    assert paid(told) == Paid("claude-haiku-5-5", picodollars(0.004), 100, 50, 700, 200)


def test_a_vendors_own_words_are_read_as_they_are() -> None:
    """Its input is what no cache had a part in; what it leaves out is nothing."""
    usage = {"input_tokens": 100, "output_tokens": 50, "cache_read_input_tokens": 700, "cache_creation_input_tokens": 9}
    assert by_usage("m", usage, 5) == Paid("m", 5, 100, 50, 700, 9)
    assert by_usage("m", {"input_tokens": 1, "cache_read_input_tokens": None}, 5) == Paid("m", 5, 1, 0, 0, 0)


def test_the_other_way_to_spell_the_cache_is_read_too() -> None:
    """As answers of OpenAI's kind have it."""
    usage = {"prompt_tokens_details": {"cached_tokens": 300, "cache_creation_tokens": None}}
    told = {"response_cost": 0.0, "standard_logging_object": {**SUMMARY, "metadata": {"usage_object": usage}}}
    assert (paid(told).input_tokens, paid(told).cache_read_tokens) == (700, 300)


def test_an_answer_out_of_the_proxys_own_cache_costs_nothing() -> None:
    """The vendor was not asked."""
    assert paid({"response_cost": 0.004, "cache_hit": True, "standard_logging_object": SUMMARY}).cost == 0


def test_an_unknown_price_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is counted, and not silently."""
    with caplog.at_level(logging.WARNING):
        came_to = paid({"response_cost": None, "standard_logging_object": {**SUMMARY, "response_cost": None}})
    assert came_to.cost == 0
    assert "no price is known for anthropic/claude-haiku-5-5" in caplog.text


def test_little_told_is_little_entered() -> None:
    """Of a call of another kind there is no usage."""
    assert paid({"model": "m", "response_cost": 0.1}) == Paid("m", picodollars(0.1), 0, 0, 0, 0)
