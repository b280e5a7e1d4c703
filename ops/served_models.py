"""What the gateway of a stack really serves: under each name, role or model, which model and at which price."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ops.stack import state
from ops.stack.opening import plan_for, sandboxed_plan_for
from ops.verbs.demo import INSTANCE as DEMO

PATIENCE_S = 5.0
MILLION = 1_000_000


@dataclass(frozen=True)
class ServedModel:
    """US dollars for a million tokens; None where the gateway has no price."""

    model: str
    input_usd: float | None = None
    output_usd: float | None = None
    cache_read_usd: float | None = None


@dataclass(frozen=True)
class Door:
    """Where a gateway is, and a key for it."""

    url: str
    key: str


def door(instance: str) -> Door | None:
    """The environment's, where it says; else the embedded stack's that runs. None where neither is."""
    url, key = os.environ.get("FARM_GATEWAY_URL"), os.environ.get("LITELLM_MASTER_KEY")
    if url and (key := key or os.environ.get("FARM_GATEWAY_KEY")):
        return Door(url, key)
    if os.environ.get("FARM_STORE_URL") and os.environ.get("TEMPORAL_ADDRESS"):
        return None  # a stack that runs elsewhere, and didn't say where its gateway is
    which = state.chosen_or_none(instance)
    now = state.load(which) if which else None
    if which is None or now is None or not state.is_running(now):
        return None
    plan = (sandboxed_plan_for if which.name == DEMO else plan_for)(which.name, now.offset)
    gateway = plan.launches.get("gateway")
    return Door(plan.env["FARM_GATEWAY_URL"], gateway.env["LITELLM_MASTER_KEY"]) if gateway else None


async def served(at: Door | None) -> Mapping[str, ServedModel] | None:
    """By name. None where no gateway says."""
    if at is None:
        return None
    try:
        async with httpx.AsyncClient(base_url=at.url, timeout=PATIENCE_S, trust_env=False) as http:
            answer = await http.get("/v1/model/info", headers={"authorization": f"Bearer {at.key}"})
            told: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    return {each["model_name"]: _served(each) for each in told}


def _served(told: Mapping[str, Any]) -> ServedModel:
    info = told.get("model_info") or {}
    behind = str(told["litellm_params"]["model"]).partition("/")[2]
    return ServedModel(
        model=str(info.get("base_model") or behind),
        input_usd=_million(info.get("input_cost_per_token")),
        output_usd=_million(info.get("output_cost_per_token")),
        cache_read_usd=_million(info.get("cache_read_input_token_cost")),
    )


def _million(price: float | None) -> float | None:
    return None if price is None else round(price * MILLION, 6)
