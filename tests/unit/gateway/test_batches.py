"""What is read of the gateway's list of models, and what a request of a batch looks like."""

import pytest

from contracts.calls import Usage
from gateway.calls.batches import hosted, in_batch
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


def test_a_request_names_the_model_and_pays_for_no_cache():
    """And has no headers, which are the gateway's."""
    call = Call(role="insight", system="You learn.", messages=({"role": "user", "content": "News"},), call_id="x")
    params = in_batch(call, "claude-x")
    assert params["model"] == "claude-x"
    assert params["messages"] == [{"role": "user", "content": [{"type": "text", "text": "News"}]}]
    assert params["system"] == [{"type": "text", "text": "You learn."}]
    assert "extra_headers" not in params
