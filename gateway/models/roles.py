"""The map of roles to models, `models.toml`, read and checked: for the gateway, the workers and `./farm models`.

The gateway has this room alone, in LiteLLM's own environment: so nothing else of ours is imported here.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).parents[1].joinpath("models.toml")
ENVIRONMENT = "FARM_MODELS"
"""The variable that chooses an environment of the file."""

DEFAULT = "default"
STREAMS_WHOLE = "anthropic"
"""The protocol whose streams LiteLLM passes on as they are."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Vendor(_Value):
    """Who serves models. `key` and `address` name variables."""

    protocol: str
    key: str
    address: str


class Model(_Value):
    """A pinned model."""

    vendor: str
    timeout_s: int = Field(default=300, ge=1)
    stall_s: float = Field(default=0, ge=0)
    """Its answers are listened to while they come, and one that stands still for so long is cut off; 0 asks for whole
    ones.
    """

    standby: tuple[str, ...] = ()
    free: bool = False
    """It costs nothing; else LiteLLM's table has its price, by its name here."""

    named_by: str = ""
    """The variable that has the vendor's name for it; empty where the vendor calls it as we do."""


class Role(_Value):
    """What a model is wanted for, and how it is asked."""

    about: str
    max_tokens: int = Field(default=4096, ge=1)
    cache_ttl: Literal["5m", "1h"] = "5m"
    thinking_tokens: int = Field(default=0, ge=0)
    temperature: float | None = Field(default=None, ge=0, le=1)
    """How much chance an answer has; None for what the model takes by itself. With 0 a run that asks the same again has
    the answer that it had.
    """

    @property
    def is_deterministic(self) -> bool:
        return self.temperature == 0


class Models(_Value):
    """The whole file."""

    vendors: dict[str, Vendor]
    models: dict[str, Model]
    roles: dict[str, Role]
    environments: dict[str, dict[str, str]]
    """Environment -> role -> model."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for name, model in self.models.items():
            _must_know(f"models.{name}.vendor", [model.vendor], self.vendors)
            _must_know(f"models.{name}.standby", model.standby, self.models.keys() - {name})
            self._must_stream_whole(name, model)
        for name, cast in self.environments.items():
            _must_know(f"environments.{name}", cast, self.roles)
            _must_know(f"environments.{name}", cast.values(), self.models)
            if left_out := self.roles.keys() - cast.keys():
                raise ValueError(f"environments.{name} gives nobody the role {', '.join(sorted(left_out))}")
        if both := self.roles.keys() & self.models.keys():
            raise ValueError(f"a role and a model are both called {', '.join(sorted(both))}")
        return self

    def _must_stream_whole(self, name: str, model: Model) -> None:
        """Out of the other protocols' streams LiteLLM loses thoughts and refusals (docs/reference/protocols.md)."""
        for each in (name, *model.standby) if model.stall_s else ():
            if (protocol := self.vendors[self.models[each].vendor].protocol) != STREAMS_WHOLE:
                raise ValueError(f"models.{name}.stall_s: {each} is asked by {protocol}, whose streams lose something")

    def cast(self, environment: str) -> Mapping[str, str]:
        """Role -> model, in the environment of that name. LookupError names those there are."""
        try:
            return self.environments[environment or DEFAULT]
        except KeyError:
            known = ", ".join(self.environments)
            raise LookupError(f"{ENVIRONMENT}={environment!r}: models.toml has the environments: {known}") from None


def read(path: Path = FILE) -> Models:
    """ValueError names what is wrong, and where in the file."""
    return Models.model_validate(tomllib.loads(path.read_text()))


def _must_know(where: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{where} names {name!r}; there are: {', '.join(sorted(known))}")
