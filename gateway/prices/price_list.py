"""What a model's tokens cost on a day: LiteLLM's table, and the prices of our own that stand over it (prices.toml).

The proxy reads this in its own environment, so it needs the standard library alone. What it gives has the fields of
`contracts.prices.Rates`.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

OWN = Path(__file__).parents[1].joinpath("prices.toml")
FIGURES = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "batch")
PER_MILLION = 1_000_000

_TABLE_KEYS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
_TIERS = "input_cost_per_token_above_"
_TIER = re.compile(r"input_cost_per_token(_above_(\d+)(k?)_tokens)")


@dataclass(frozen=True)
class OwnPrice:
    """One price of prices.toml; figures in US dollars a token."""

    model: str
    since: date
    figures: Mapping[str, float]
    source: str

    @property
    def version(self) -> str:
        return f"prices.toml {self.since}"


def own_prices(text: str) -> tuple[OwnPrice, ...]:
    """The prices of a file. ValueError, naming the price, for one that can't be meant."""
    return tuple(_own(price) for price in tomllib.loads(text).get("price", []))


def _own(price: Mapping[str, Any]) -> OwnPrice:
    told = f"price of {price.get('model', '?')} from {price.get('from', '?')}"
    if unknown := price.keys() - {"model", "from", "source", *FIGURES}:
        raise ValueError(f"{told}: unknown {', '.join(sorted(unknown))}")
    if missing := {"model", "from", "input", "output"} - price.keys():
        raise ValueError(f"{told}: {', '.join(sorted(missing))} missing")
    per_token = {name: price[name] / PER_MILLION for name in FIGURES if name in price and name != "batch"}
    return OwnPrice(
        model=price["model"],
        since=price["from"],
        figures=_whole(per_token, price.get("batch", 1.0)),
        source=price.get("source", ""),
    )


@dataclass(frozen=True)
class PriceList:
    """Our own prices, and LiteLLM's table beneath them, called `table_name` in the versions of its prices."""

    own: Sequence[OwnPrice]
    table: Mapping[str, Any]
    table_name: str

    def rates(self, model: str, day: date, prompt_tokens: int = 0) -> dict[str, Any] | None:
        """What the model's tokens cost; None where nobody says.

        `model` with or without its vendor (`anthropic/claude-sonnet-5-5`). `prompt_tokens`: a long prompt may cost
        more.
        """
        names = _names(model)
        if price := in_force(names, day, self.own):
            return _versioned(price.model, price.version, price.figures)
        for name in names:
            if figures := _of_table(self.table.get(name, {}), prompt_tokens):
                return _versioned(name, self.table_name, figures)
        return None


def in_force(names: Sequence[str], day: date, own: Sequence[OwnPrice]) -> OwnPrice | None:
    """Of our own prices the latest that has begun by that day."""
    begun = [price for price in own if price.model in names and price.since <= day]
    return max(begun, key=lambda price: price.since, default=None)


def as_table_entry(price: OwnPrice) -> dict[str, float]:
    """Our own price in the words of LiteLLM's table, for what LiteLLM itself counts."""
    entry = {key: price.figures[name] for name, key in _TABLE_KEYS.items()}
    batch = price.figures["batch"]
    return entry | {f"{_TABLE_KEYS[name]}_batches": price.figures[name] * batch for name in ("input", "output")}


def _names(model: str) -> list[str]:
    # a price of one's own (model_info) is listed under the whole name, the vendors' under the model's alone
    return list(dict.fromkeys((model, model.rpartition("/")[2])))


def _of_table(entry: Mapping[str, Any], prompt_tokens: int) -> dict[str, float]:
    """Figures of an entry of LiteLLM's table; empty for what isn't priced by the token."""
    if not {_TABLE_KEYS["input"], _TABLE_KEYS["output"]} <= entry.keys():
        return {}
    figures = {name: float(entry[key]) for name, key in _TABLE_KEYS.items() if entry.get(key) is not None}
    for tier in _tiers(entry, prompt_tokens):
        dearer = {name: entry.get(f"{key}{tier}") for name, key in _TABLE_KEYS.items()}
        figures |= {name: float(figure) for name, figure in dearer.items() if figure is not None}
    listed, in_batch = entry[_TABLE_KEYS["input"]], entry.get(f"{_TABLE_KEYS['input']}_batches")
    return _whole(figures, in_batch / listed if in_batch is not None and listed else 1.0)


def _tiers(entry: Mapping[str, Any], prompt_tokens: int) -> Iterator[str]:
    """The endings of the keys that hold for a prompt so long, the longest last."""
    # looked for at every answer: most of an entry's hundred keys needn't be matched
    found = [match for key in entry if key.startswith(_TIERS) and (match := _TIER.fullmatch(key))]
    sizes = {match[1]: int(match[2]) * (1000 if match[3] else 1) for match in found}
    return (ending for ending, size in sorted(sizes.items(), key=lambda each: each[1]) if prompt_tokens > size)


def _whole(figures: Mapping[str, float], batch: float) -> dict[str, float]:
    """With what isn't listed: a cache costs what input does, an hour of it what five minutes do."""
    plain = {"cache_read": figures["input"], "cache_write": figures["input"]}
    known = {**plain, **figures}
    return {"cache_write_1h": known["cache_write"], **known, "batch": batch}


def _versioned(model: str, where: str, figures: Mapping[str, float]) -> dict[str, Any]:
    # The hash: a table may be replaced, and a file altered, under the same name.
    said = json.dumps([model, *(figures[name] for name in FIGURES)])
    mark = hashlib.sha256(said.encode()).hexdigest()[:8]
    return {"model": model, "version": f"{where} #{mark}", **figures}
