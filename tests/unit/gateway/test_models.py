"""The map of roles to models, and what LiteLLM is told of it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.models.configuration import configuration
from gateway.models.roles import Models, read

SETTINGS = {"litellm_settings": {"telemetry": False}, "router_settings": {"num_retries": 0}}
GIVEN: dict[str, Any] = {
    "vendors": {
        "one": {"protocol": "anthropic", "key": "ONE_KEY", "address": "ONE_URL"},
        "two": {"protocol": "openai", "key": "TWO_KEY", "address": "TWO_URL"},
    },
    "models": {
        "strong-1": {"vendor": "one", "standby": ["small-2", "strong-0"], "timeout_s": 9},
        "strong-0": {"vendor": "one"},
        "small-2": {
            "vendor": "two",
            "named_by": "TWO_NAME",
            "free": True,
        },
    },
    "roles": {"plan": {"about": "plans"}, "sort": {"about": "sorts"}},
    "environments": {
        "default": {"plan": "strong-1", "sort": "strong-0"},
        "cheap": {"plan": "small-2", "sort": "small-2"},
    },
}


def made(**surroundings: str) -> dict[str, Any]:
    return configuration(Models.model_validate(GIVEN), surroundings, SETTINGS)


def behind(config: dict[str, Any]) -> dict[str, str]:
    return {each["model_name"]: each["litellm_params"]["model"] for each in config["model_list"]}


def changed(*path: str, to: Any) -> dict[str, Any]:
    """The map with one thing in it otherwise."""

    def put(into: Any, keys: tuple[str, ...]) -> Any:
        return {**into, keys[0]: put(into.get(keys[0], {}), keys[1:])} if keys else to

    return put(GIVEN, path)


def test_roles_and_models_are_reached_by_name() -> None:
    """A run can stay on its model, by that name, while the role moves on."""
    assert behind(made(ONE_KEY="k", TWO_KEY="k")) == {
        "strong-1": "anthropic/strong-1",
        "strong-0": "anthropic/strong-0",
        "small-2": "openai/small-2",
        "plan": "anthropic/strong-1",
        "sort": "anthropic/strong-0",
    }


def test_an_environment_says_who_plays() -> None:
    """Another one gives the roles to others; one that isn't there is named beside those that are."""
    config = made(ONE_KEY="k", TWO_KEY="k", TWO_NAME="theirs", FARM_MODELS="cheap")
    assert (behind(config)["plan"], behind(config)["strong-1"]) == ("openai/theirs", "anthropic/strong-1")
    with pytest.raises(LookupError, match=r"'dear': models\.toml has the environments: default, cheap"):
        made(FARM_MODELS="dear")


def test_a_vendor_without_a_key_serves_nobody() -> None:
    """Its models can't be asked, nor stand by; but for one that has a role, whose missing key is told at the call."""
    config = made(ONE_KEY="k")
    assert "small-2" not in behind(config)
    assert {"plan": ["strong-0"]} in config["router_settings"]["fallbacks"]
    assert behind(made(ONE_KEY="k", FARM_MODELS="cheap"))["plan"] == "openai/small-2"


def test_a_standby_is_the_models_and_so_each_of_its_roles() -> None:
    """Whether it is asked by its role or by its name, in the order of the map."""
    config = made(ONE_KEY="k", TWO_KEY="k")
    assert config["router_settings"] == {
        "num_retries": 0,
        "fallbacks": [{"strong-1": ["small-2", "strong-0"]}, {"plan": ["small-2", "strong-0"]}],
    }
    assert config["litellm_settings"] == {"telemetry": False}


def test_a_models_parameters_reach_the_proxy() -> None:
    """Its time limit; the vendor's key and, where it has one, address; the name of its price, unless it is free."""
    config = made(ONE_KEY="k", TWO_KEY="k", TWO_URL="http://two")
    by_name = {each["model_name"]: each for each in config["model_list"]}
    assert by_name["plan"]["litellm_params"] == {
        "model": "anthropic/strong-1",
        "api_key": "os.environ/ONE_KEY",
        "timeout": 9,
        "stream_timeout": 9,
    }
    assert by_name["small-2"]["litellm_params"]["api_base"] == "os.environ/TWO_URL"
    assert by_name["plan"]["model_info"] == {"base_model": "strong-1"}
    assert by_name["small-2"]["model_info"] == {"input_cost_per_token": 0, "output_cost_per_token": 0}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            changed("models", "strong-1", "vendor", to="three"),
            "models.strong-1.vendor names 'three'; there are: one, two",
        ),
        (changed("models", "strong-1", "standby", to=["strong-1"]), "models.strong-1.standby names 'strong-1'"),
        (changed("environments", "cheap", "plan", to="gone"), "environments.cheap names 'gone'; there are: small-2"),
        (changed("environments", "cheap", to={"plan": "small-2"}), "environments.cheap gives nobody the role sort"),
        (changed("environments", "cheap", "poet", to="small-2"), "environments.cheap names 'poet'"),
        (changed("roles", "strong-1", to={"about": ""}), "gives nobody the role strong-1"),
        (changed("models", "strong-0", "timeout", to=3), "models.strong-0.timeout"),
    ],
)
def test_a_slip_in_the_map_is_named(wrong: dict[str, Any], told: str) -> None:
    """The place in the file, and what it could have been."""
    with pytest.raises(ValidationError) as caught:
        Models.model_validate(wrong)
    assert told in str(caught.value).replace("\n", ".").replace(" .", ".") or told in str(caught.value)


def test_the_farms_own_map_is_in_order(tmp_path: Path) -> None:
    """Every environment of it can be made into a configuration."""
    models = read()
    for environment in models.environments:
        assert configuration(models, {"FARM_MODELS": environment}, SETTINGS)["model_list"]
