"""Prices as the proxy tells them with each answer. In the proxy's own environment."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment

from gateway.prices.price_list import OWN, OwnPrice, PriceList, as_table_entry, in_force, own_prices

TABLE = f"litellm {version('litellm')}"
HALF = 0.5


def told(model: str, usage: Mapping[str, Any] | None) -> str | None:
    """The rates that hold for an answer now, as the header's JSON; None where no price is known."""
    if not usage:
        return None
    today = stand_over()
    found = PriceList(_own(), litellm.model_cost, TABLE).rates(model, today, _prompt_tokens(usage))
    return None if found is None else json.dumps(found)


def stand_over() -> date:
    """Put our own prices of today into LiteLLM's table, by which it counts what a key has spent. Which day that is."""
    today = datetime.now(UTC).date()
    _stand_over(today)
    return today


def cost(header: str, usage: Mapping[str, Any]) -> float:
    """US dollars of an answer by its own header: what the farm's ledger makes of it, too."""
    its = json.loads(header)
    written = usage.get("cache_creation_input_tokens") or 0
    for_an_hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
    return float(
        usage["input_tokens"] * its["input"]
        + usage["output_tokens"] * its["output"]
        + (usage.get("cache_read_input_tokens") or 0) * its["cache_read"]
        + (written - for_an_hour) * its["cache_write"]
        + for_an_hour * its["cache_write_1h"]
    )


def batch_share(model: str) -> float:
    """What share of its price a request costs in a batch: as the farm's ledger takes it, half where nobody says."""
    entry = litellm.model_cost.get(model, {})
    alone, together = entry.get("input_cost_per_token"), entry.get("input_cost_per_token_batches")
    return float(together) / alone if alone and together is not None else HALF


def cost_in_batch(model: str, usage: Mapping[str, Any]) -> float:
    """US dollars of an answer in a batch; 0 where no price is known."""
    found = PriceList(_own(), litellm.model_cost, TABLE).rates(model, stand_over())
    return cost(json.dumps(found), usage) * batch_share(model) if found else 0.0


def _prompt_tokens(usage: Mapping[str, Any]) -> int:
    kinds = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(usage.get(kind) or 0 for kind in kinds)


@cache
def _own() -> tuple[OwnPrice, ...]:
    return own_prices(OWN.read_text(encoding="utf-8"))


@cache
def _stand_over(today: date) -> None:
    for model in {price.model for price in _own()}:
        if price := in_force([model], today, _own()):
            known = litellm.model_cost.get(model, {"litellm_provider": "anthropic", "mode": "chat"})
            litellm.model_cost[model] = {**known, **as_table_entry(price)}
