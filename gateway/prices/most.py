"""The most that a call can cost, worked out before it goes out. Lives in the proxy's environment."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from litellm.proxy import proxy_server  # type: ignore[import-not-found]

from gateway.prices import pricing
from gateway.prices.money import picodollars

BYTES_PER_TOKEN = 2
"""Fewer than any text has; a picture's bytes are far more than its tokens, which the model's longest prompt bounds."""

IN_BATCHES = "anthropic/"
"""How the models begin, in LiteLLM's words, whose vendor takes batches."""

LONGEST_PROMPT, LONGEST_ANSWER = 200_000, 4_096
"""Where the price table doesn't say."""

_INPUT = (
    "input_cost_per_token",
    "cache_creation_input_token_cost",
    "cache_creation_input_token_cost_above_1hr",
)


def at_most(role: str, asked: Mapping[str, Any], size: int | None) -> tuple[str, int, int]:
    """The model that a role's price is from, picodollars, and tokens of input: by the dearest that may answer.

    `size`: bytes of the request. A model without a price costs nothing.
    """
    options = [_option(each, asked, size) for each in _deployments(role)]
    return (options[0][0], *max(each[1:] for each in options)) if options else (role, 0, 0)


def at_most_in_batch(model: str, asked: Mapping[str, Any], size: int) -> tuple[frozenset[str], int, int] | None:
    """Of a request in a batch: the names under which its model may be asked for, picodollars, and tokens of input.

    None where the gateway hasn't the model, by the vendor who takes batches.
    """
    router = proxy_server.llm_router
    listed = (router.get_model_list() if router else None) or []
    its = [each for each in listed if each["litellm_params"]["model"] == f"{IN_BATCHES}{model}"]
    if not its:
        return None
    _, most, tokens = _option(its[0], asked, size)
    return frozenset(each["model_name"] for each in its), ceil(most * pricing.batch_share(model)), tokens


def _option(deployment: Mapping[str, Any], asked: Mapping[str, Any], size: int | None) -> tuple[str, int, int]:
    info: Mapping[str, Any] = deployment.get("model_info") or {}
    model = info.get("base_model") or deployment["litellm_params"]["model"]
    table = litellm.model_cost.get(model) or litellm.model_cost.get(model.partition("/")[2]) or {}
    prices = {**table, **{name: value for name, value in info.items() if value is not None}}
    longest = prices.get("max_input_tokens") or LONGEST_PROMPT
    tokens = longest if size is None else min(size // BYTES_PER_TOKEN + 1, longest)
    answer = asked.get("max_tokens") or asked.get("max_completion_tokens") or prices.get("max_output_tokens")
    dearest = max(prices.get(name) or 0 for name in _INPUT)
    cost = tokens * dearest + (answer or LONGEST_ANSWER) * (prices.get("output_cost_per_token") or 0)
    return model, picodollars(cost), tokens


def _deployments(role: str) -> Iterator[Mapping[str, Any]]:
    """The role's own, and those that stand by for it."""
    router = proxy_server.llm_router
    if router is None:
        return
    standbys = [name for each in router.fallbacks or [] for name in each.get(role, [])]
    for name in (role, *standbys):
        yield from router.get_model_list(model_name=name) or []
