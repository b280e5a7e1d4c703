"""What a call came to: out of its answer's usage, or of what LiteLLM tells of it when it has succeeded. Pure."""

import logging
from collections.abc import Mapping
from typing import Any, TypeGuard

from gateway.accounts.spend import Paid
from gateway.prices.money import picodollars

log = logging.getLogger(__name__)

COUNTED = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
CREATED = "cache_creation"
USUAL: Mapping[str, tuple[object, ...]] = {
    "service_tier": ("standard",),
    "inference_geo": ("not_available", "global"),
    "speed": ("standard",),
}
"""What an answer may say of how it was served, at the price that the list has."""

PART = "output_tokens_details"
"""Says which of the output's tokens are thoughts. They cost the same."""

CLOSE = 1_000_000
"""One in so many picodollars may be lost in counting with fractions."""


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
    """The same in the vendor's own words, at so many picodollars. `model` may have its provider before it."""
    return Paid(
        model=model.rpartition("/")[2],
        cost=cost,
        input_tokens=usage.get("input_tokens") or 0,
        output_tokens=usage.get("output_tokens") or 0,
        cache_read_tokens=usage.get("cache_read_input_tokens") or 0,
        cache_write_tokens=usage.get("cache_creation_input_tokens") or 0,
    )


def plain(usage: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether nothing but tokens was used, all of kinds that the price list has, and they add up."""
    if not isinstance(usage, Mapping):
        return False
    tokens = {kind: usage.get(kind) for kind in COUNTED}
    if not all(type(tokens[kind]) is int for kind in COUNTED[:2]) or not all(map(_a_count, tokens.values())):
        return False
    others = {name: said for name, said in usage.items() if name not in (*COUNTED, CREATED, PART)}
    return _adds_up(usage) and all(_nothing(said) or said in USUAL.get(name, ()) for name, said in others.items())


def difference(ours: Paid, theirs: Paid) -> str:
    """In which figures two opinions on one answer differ; empty where they don't."""
    pairs = {name: (said, getattr(theirs, name)) for name, said in vars(ours).items()}
    cost, their_cost = pairs["cost"]
    if abs(cost - their_cost) <= max(cost, their_cost) / CLOSE:
        del pairs["cost"]
    return ", ".join(f"{name} {said}, and LiteLLM {their}" for name, (said, their) in pairs.items() if said != their)


def _adds_up(usage: Mapping[str, Any]) -> bool:
    created = usage.get(CREATED)
    if created is None:
        return True
    if not isinstance(created, Mapping) or not created.keys() <= set(_KEPT_FOR):
        return False
    return all(map(_a_count, created.values())) and sum(filter(None, created.values())) == (usage.get(COUNTED[3]) or 0)


_KEPT_FOR = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def _a_count(said: object) -> bool:
    return said is None or (type(said) is int and said >= 0)


def _nothing(said: object) -> bool:
    """Whether something that an answer says amounts to none."""
    return not said or (isinstance(said, Mapping) and not any(said.values()))


def _cost(told: Mapping[str, Any], summary: Mapping[str, Any], model: str) -> float:
    cost = told.get("response_cost")
    if cost is None:
        cost = summary.get("response_cost")
    if cost is None:
        log.warning("no price is known for %s: give its deployment a model_info", model)
    return float(cost or 0)
