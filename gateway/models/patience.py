"""Whose answers are listened to while they come, and for how long a silence is waited out."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.models.roles import ENVIRONMENT, Model, Models


@dataclass(frozen=True)
class Patience:
    """With one model's stream, in seconds."""

    begin_s: float
    """Until a stream begins: the proxy's own timeouts, of the model and of those that stand by for it, lie within."""

    first_s: float
    """From then until the first piece of the answer, whatever the vendor says before it."""

    stall_s: float
    """Between any two signs of life after that."""


def patience(models: Models, surroundings: Mapping[str, str]) -> dict[str, Patience]:
    """By the name that a call asks for, a model's or a role's. Whose isn't here is asked for whole answers.

    Nobody is, where the gateway has a configuration that isn't made of the file.
    """
    if surroundings.get("FARM_GATEWAY_CONFIG"):
        return {}
    found = {name: _its(models, each) for name, each in models.models.items() if each.stall_s}
    cast = models.cast(surroundings.get(ENVIRONMENT, ""))
    return found | {role: found[model] for role, model in cast.items() if model in found}


def _its(models: Models, model: Model) -> Patience:
    all_of_them = [model.timeout_s, *(models.models[name].timeout_s for name in model.standby)]
    return Patience(sum(all_of_them) + model.stall_s, model.timeout_s, model.stall_s)
