import pytest

from gateway.models.model_server import NAME, model_server
from gateway.models.roles import read


def test_nothing_changes_without_a_model_server() -> None:
    """The roles are played as the map's default says until an address is given."""
    assert model_server({"FARM_MODEL_SERVER_KEY": "k"}) == {}


@pytest.mark.parametrize("given", ["http://127.0.0.1:8231", "http://127.0.0.1:8231/", "http://127.0.0.1:8231/v1"])
def test_an_address_is_enough(given: str) -> None:
    """With or without the path, all roles are played from there; unless another environment is chosen."""
    assert model_server({"FARM_MODEL_SERVER": given}) == {
        "FARM_MODELS": NAME,
        "FARM_MODEL_SERVER_URL": "http://127.0.0.1:8231/v1",
        "FARM_MODEL_SERVER_KEY": "none",
        "FARM_MODEL_SERVER_MODEL": "local",
    }
    assert set(read().cast(NAME).values()) == {"local"}
    assert model_server({"FARM_MODEL_SERVER": given, "FARM_MODELS": "default"})["FARM_MODELS"] == "default"


@pytest.mark.parametrize("given", ["Qwen/Qwen3-8B", "openai/Qwen/Qwen3-8B"])
def test_a_server_of_many_models_is_told_which(given: str) -> None:
    """By its own name, whether or not the protocol stands before it."""
    said = model_server({"FARM_MODEL_SERVER": "http://gpu:8000", "FARM_MODEL_SERVER_MODEL": given})
    assert said["FARM_MODEL_SERVER_MODEL"] == "Qwen/Qwen3-8B"


def test_what_is_no_address_is_refused_by_name() -> None:
    """The error names the variable, its value and a good one."""
    with pytest.raises(ValueError, match=r"FARM_MODEL_SERVER='8231' is no address; give one such as http://"):
        model_server({"FARM_MODEL_SERVER": "8231"})
