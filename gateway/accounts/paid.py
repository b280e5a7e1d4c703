"""What a call came to, out of what LiteLLM tells of it when it has succeeded, or its vendor. Pure."""

import logging
from collections.abc import Mapping
from typing import Any

from gateway.accounts.spend import Paid
from gateway.prices.money import picodollars

log = logging.getLogger(__name__)


def paid(told: Mapping[str, Any]) -> Paid:
    """`told` is the first argument of the success event. A call out of the proxy's own cache costs nothing."""
    summary: Mapping[str, Any] = told.get("standard_logging_object") or {}
    usage: Mapping[str, Any] = (summary.get("metadata") or {}).get("usage_object") or {}
    details: Mapping[str, Any] = usage.get("prompt_tokens_details") or {}
    read = usage.get("cache_read_input_tokens") or details.get("cached_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or details.get("cache_creation_tokens") or 0
    model = str(summary.get("model") or told.get("model") or "")
    return Paid(
        model=model.rpartition("/")[2],
        cost=0 if told.get("cache_hit") else picodollars(_cost(told, summary, model)),
        input_tokens=max(0, (summary.get("prompt_tokens") or 0) - read - written),
        output_tokens=summary.get("completion_tokens") or 0,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )


def by_usage(model: str, usage: Mapping[str, Any], cost: int) -> Paid:
    """The same in the vendor's own words, at so many picodollars."""
    return Paid(
        model=model,
        cost=cost,
        input_tokens=usage.get("input_tokens") or 0,
        output_tokens=usage.get("output_tokens") or 0,
        cache_read_tokens=usage.get("cache_read_input_tokens") or 0,
        cache_write_tokens=usage.get("cache_creation_input_tokens") or 0,
    )


def _cost(told: Mapping[str, Any], summary: Mapping[str, Any], model: str) -> float:
    cost = told.get("response_cost")
    if cost is None:
        cost = summary.get("response_cost")
    if cost is None:
        log.warning("no price is known for %s: give its deployment a model_info", model)
    return float(cost or 0)
