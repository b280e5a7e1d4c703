"""The price of a model that was perhaps never asked: our own list, what calls were paid by, LiteLLM's table."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.prices import Rates
from gateway.prices.price_list import OWN, PriceList, own_prices
from ops.errors import FarmError
from ops.places import ROOT
from store.database import Database
from store.prices import Prices

ENVIRONMENT = ROOT / "envs" / "gateway" / ".venv"
TABLE = "litellm/model_prices_and_context_window_backup.json"
"""The table of LiteLLM's package, which nobody imports here."""


async def price_of(db: Database, model: str) -> Rates:
    """What holds today for a short prompt. FarmError where nobody says."""
    own, today = own_prices(OWN.read_text(encoding="utf-8")), datetime.now(UTC).date()
    if ours := PriceList(own, {}, "").rates(model, today):
        return Rates.model_validate(ours)
    if paid := await Prices(db).latest(model.rpartition("/")[2]):
        return paid
    if listed := PriceList((), _table(), "litellm").rates(model, today):
        return Rates.model_validate(listed)
    raise FarmError(
        f"nobody says what {model} costs",
        "Is it written as its vendor writes it? A price of your own goes into gateway/prices.toml.",
    )


def _table() -> Mapping[str, Any]:
    """LiteLLM's prices, where the gateway's environment is set up."""
    for packages in sorted(Path(ENVIRONMENT).glob("lib/python*/site-packages")):
        table: dict[str, Any] = json.loads((packages / TABLE).read_text(encoding="utf-8"))
        return table
    return {}
