"""LiteLLM's configuration, made of the map of roles. `python -m gateway.models.configuration` prints it."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gateway.models.model_server import model_server
from gateway.models.roles import ENVIRONMENT, Model, Models, read

SETTINGS = Path(__file__).parents[1].joinpath("settings.yaml")
FREE = {"input_cost_per_token": 0, "output_cost_per_token": 0}

Plain = dict[str, Any]


def configuration(models: Models, surroundings: Mapping[str, str], settings: Plain) -> Plain:
    """What LiteLLM is started with: `settings`, every model that can be reached, and every role.

    LookupError for an environment that the file hasn't.
    """
    cast = models.cast(surroundings.get(ENVIRONMENT, ""))
    served = [name for name, each in models.models.items() if _has_key(models, each, surroundings)]
    served += [name for name in dict.fromkeys(cast.values()) if name not in served]
    plays = {**{name: name for name in served}, **cast}
    standby = [{name: found} for name, model in plays.items() if (found := _standby(models, model, served))]
    return {
        **settings,
        "model_list": [_deployment(models, name, model, surroundings) for name, model in plays.items()],
        "router_settings": {**settings.get("router_settings", {}), "fallbacks": standby},
    }


def written(surroundings: Mapping[str, str]) -> str:
    """The same as the text of a file. JSON is YAML, too."""
    settings: Plain = yaml.safe_load(SETTINGS.read_text())
    return json.dumps(configuration(read(), surroundings, settings), indent=2)


def _has_key(models: Models, model: Model, surroundings: Mapping[str, str]) -> bool:
    return bool(surroundings.get(models.vendors[model.vendor].key))


def _standby(models: Models, model: str, served: list[str]) -> list[str]:
    return [each for each in models.models[model].standby if each in served]


def _deployment(models: Models, name: str, model: str, surroundings: Mapping[str, str]) -> Plain:
    its = models.models[model]
    vendor = models.vendors[its.vendor]
    at_the_vendor = surroundings.get(its.named_by) or model if its.named_by else model
    at = {"api_base": f"os.environ/{vendor.address}"} if surroundings.get(vendor.address) else {}
    return {
        "model_name": name,
        "litellm_params": {
            "model": f"{vendor.protocol}/{at_the_vendor}",
            **at,
            "api_key": f"os.environ/{vendor.key}",
            "timeout": its.timeout_s,
            "stream_timeout": its.timeout_s,
        },
        # the price's name, whatever name the vendor answers under
        "model_info": FREE if its.free else {"base_model": model},
    }


if __name__ == "__main__":
    sys.stdout.write(written({**os.environ, **model_server(os.environ)}) + "\n")
