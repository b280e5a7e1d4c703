import logging

import pytest

from gateway.accounts.paid import by_usage, difference, paid, plain
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


USAGE = {
    "input_tokens": 100,
    "output_tokens": 50,
    "cache_read_input_tokens": 700,
    "cache_creation_input_tokens": 200,
    "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 50},
    "service_tier": "standard",
}


def test_an_answers_own_usage_says_what_litellm_says_of_it() -> None:
    """The same row for the book."""
    told = {"response_cost": 0.004, "standard_logging_object": SUMMARY}
    assert by_usage("anthropic/claude-haiku-5-5", USAGE, picodollars(0.004)) == paid(told)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"cache_read_input_tokens": None, "cache_creation": None},
        {"server_tool_use": {"web_search_requests": 0}},
        {"server_tool_use": None, "inference_geo": "global", "speed": "standard"},
        {"output_tokens_details": {"thinking_tokens": 20}},
    ],
    ids=str,
)
def test_what_used_tokens_alone_is_plain(said: dict[str, object]) -> None:
    """What else an answer names came to nothing, or to no other price."""
    assert plain({**USAGE, **said})


@pytest.mark.parametrize(
    "said",
    [
        {"server_tool_use": {"web_search_requests": 1}},
        {"service_tier": "priority"},
        {"inference_geo": "us"},
        {"speed": "fast"},
        {"what_comes_next_year": 3},
        {"input_tokens": None},
        {"output_tokens": "50"},
        {"cache_read_input_tokens": -700},
        {"cache_creation": {"ephemeral_5m_input_tokens": 1}},
        {"cache_creation": {"ephemeral_1d_input_tokens": 200}},
    ],
    ids=str,
)
def test_whatever_else_may_cost_is_left_to_litellm(said: dict[str, object]) -> None:
    """A vendor's tool, another tier, figures that aren't counts or don't add up, and what nobody has heard of."""
    assert not plain({**USAGE, **said})


def test_an_answer_without_usage_is_left_to_litellm() -> None:
    """There is nothing to count by."""
    assert not plain(None)


def test_two_opinions_differ_in_what_they_say() -> None:
    """And not in the last digits of a fraction."""
    ours = Paid("m", 4_000_000_000, 100, 50, 700, 200)
    assert difference(ours, Paid("m", 4_000_000_001, 100, 50, 700, 200)) == ""
    told = difference(ours, Paid("m", 5_000_000_000, 100, 51, 700, 200))
    assert told == "cost 4000000000, and LiteLLM 5000000000, output_tokens 50, and LiteLLM 51"
