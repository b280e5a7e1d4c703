"""What is read of the gateway's list of models, and what a request of a batch looks like."""

import pytest
from anthropic.types import Message

from contracts.calls import Usage
from gateway.calls.batches import Hosted, answer, hosted, in_batch
from gateway.calls.call import Call

PRICES = {
    "input_cost_per_token": 2e-6,
    "output_cost_per_token": 10e-6,
    "cache_read_input_token_cost": 2e-7,
    "cache_creation_input_token_cost": 25e-7,
}


def listed(role: str, model: str, **info: float | None) -> dict:
    return {"model_name": role, "litellm_params": {"model": model}, "model_info": info}


def test_only_the_vendors_own_models_go_by_batch():
    """A role that is played by another vendor's too is left out: who would answer isn't known."""
    found = hosted(
        [
            listed("insight", "anthropic/claude-x", **PRICES),
            listed("triage", "openai/gpt-x", **PRICES),
            listed("mixed", "anthropic/claude-x", **PRICES),
            listed("mixed", "bedrock/claude-x", **PRICES),
        ]
    )
    assert {role: each.model for role, each in found.items()} == {"insight": "claude-x"}


def test_a_batch_costs_half():
    """Of every kind of token."""
    model = hosted([listed("insight", "anthropic/claude-x", **PRICES)])["insight"]
    usage = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=10, cache_write_tokens=1)
    assert model.cost(usage) == pytest.approx((1000 * 2e-6 + 100 * 10e-6 + 10 * 2e-7 + 25e-7) / 2)


def test_a_listed_batch_price_stands_above_half():
    """A vendor may change what a batch costs."""
    model = hosted([listed("insight", "anthropic/claude-x", **PRICES, input_cost_per_token_batches=3e-7)])["insight"]
    assert model.input == 3e-7


def test_an_answer_of_a_batch_has_its_price_with_it():
    """The single call's rates and the share that a batch costs, so that the ledger can count it again."""
    model = hosted([listed("insight", "anthropic/claude-x", **PRICES)])["insight"]
    said = answer(message(input_tokens=1000, output_tokens=100), model, 60.0)
    assert said.rates is not None
    assert (said.rates.model, said.rates.input, said.rates.batch) == ("claude-x", 2e-6, 0.5)
    assert said.cost_usd == said.rates.cost(said.usage, batch=True) == pytest.approx(0.0015)


def test_two_shares_are_no_price_of_one():
    """Where the output of a batch falls by another share than its input, the sum alone is told."""
    model = hosted([listed("insight", "anthropic/claude-x", **PRICES, output_cost_per_token_batches=9e-6)])["insight"]
    said = answer(message(input_tokens=1000, output_tokens=100), model, 60.0)
    assert said.rates is None
    assert said.cost_usd == pytest.approx(1000 * 1e-6 + 100 * 9e-6)


def test_a_batch_that_was_noted_before_prices_were_is_read():
    """What the store has of a batch under way when its worker is replaced names no rates."""
    model = Hosted("claude-x", 1e-6, 5e-6, 1e-7, 1e-6)
    assert answer(message(input_tokens=1000, output_tokens=100), model, 60.0).cost_usd == pytest.approx(0.0015)


def message(**usage: int) -> Message:
    said = {"type": "text", "text": "Learnt."}
    about = {"id": "msg", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn"}
    return Message.model_validate({**about, "content": [said], "stop_sequence": None, "usage": usage})


def test_a_request_names_the_model_and_pays_for_no_cache():
    """And has no headers, which are the gateway's."""
    call = Call(role="insight", system="You learn.", messages=({"role": "user", "content": "News"},), call_id="x")
    params = in_batch(call, "claude-x")
    assert params["model"] == "claude-x"
    assert params["messages"] == [{"role": "user", "content": [{"type": "text", "text": "News"}]}]
    assert params["system"] == [{"type": "text", "text": "You learn."}]
    assert "extra_headers" not in params
