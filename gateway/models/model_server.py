"""A model server of one's own behind all roles: what a user says of it, as models.toml reads it. Pure."""

from collections.abc import Mapping

from gateway.models.roles import ENVIRONMENT

SERVER = "FARM_MODEL_SERVER"
KEY = "FARM_MODEL_SERVER_KEY"
MODEL = "FARM_MODEL_SERVER_MODEL"
NAME = "model-server"
"""Its environment in models.toml, taken where no other is chosen."""


def model_server(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Environment variables to set: none without `FARM_MODEL_SERVER`.

    That is the server's address, with or without `/v1`: anything that speaks OpenAI's chat completions. Its key and
    its model's name are optional, because llama.cpp's server needs neither. Raises ValueError for what is no address.
    """
    address = surroundings.get(SERVER, "").strip().rstrip("/")
    if not address:
        return {}
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"{SERVER}={address!r} is no address; give one such as http://127.0.0.1:8231")
    model = surroundings.get(MODEL) or "local"
    return {
        ENVIRONMENT: surroundings.get(ENVIRONMENT) or NAME,
        "FARM_MODEL_SERVER_URL": f"{address.removesuffix('/v1')}/v1",
        KEY: surroundings.get(KEY) or "none",  # the protocol's clients refuse an empty one
        MODEL: model.removeprefix("openai/"),  # the name that the server knows
    }
