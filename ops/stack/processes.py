"""The process list: what the embedded stack consists of, read from `temporal-dev/processes.toml`."""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ops.errors import FarmError
from ops.stack.agents import spelt_out
from workflows.registry import AGENTS

REGISTERED = tuple(spec.name for spec in AGENTS)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Setting(_Value):
    """Environment variables that belong together, with the values of the embedded stack.

    When the user's environment sets `yours`, the user's values of all these variables are taken instead, and
    `stand_in` isn't started.
    """

    env: dict[str, str]
    yours: str = ""
    stand_in: str = ""
    at: str = ""
    """The part that the values point to, where it isn't this setting's to leave out. Without it they mean nothing."""

    secrets: tuple[str, ...] = Field(default=(), alias="with")
    """Names of secrets that must be the user's as well then."""


class Part(_Value):
    """One process."""

    about: str
    argv: tuple[str, ...] = Field(min_length=1)
    ports: dict[str, int] = {}
    """Name -> default port on 127.0.0.1. The first is the part's own, and its `FARM_PORT`."""

    ready: str = ""
    """`http://...` answers 2xx, or `tcp://host:port` accepts; empty: at once."""

    link: str = ""
    """Where a person looks at it."""

    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    env: dict[str, str] = {}
    environment: str = ""
    """Which of `envs/` its Python is from; empty: the farm's own."""

    once: bool = False
    """Runs to its end, which is its readiness."""

    beside: bool = False
    """Started after all others, and nobody waits for it."""

    patience: float = 90
    """Seconds until a part that isn't ready counts as failed."""


class ProcessList(_Value):
    """The whole file."""

    secrets: dict[str, tuple[str, ...]] = {}
    """Name of a generated secret -> variables of the user's environment; the first that is set wins over it."""

    settings: dict[str, Setting] = {}
    parts: dict[str, Part]

    @model_validator(mode="after")
    def _hangs_together(self) -> "ProcessList":
        for name, part in self.parts.items():
            self._must_know(f"parts.{name}.needs", part.needs, self.parts)
            self._must_know(f"parts.{name}.settings", part.settings, self.settings)
        for name, setting in self.settings.items():
            self._must_know(f"settings.{name}.stand_in", filter(None, [setting.stand_in]), self.parts)
            self._must_know(f"settings.{name}.at", filter(None, [setting.at]), self.parts)
            self._must_know(f"settings.{name}.with", setting.secrets, self.secrets)
        self._ports_differ()
        try:
            self.levels()
        except CycleError as error:
            raise ValueError(f"parts need each other in a circle: {' -> '.join(error.args[1])}") from error
        return self

    @staticmethod
    def _must_know(where: str, names: Iterable[str], known: Collection[str]) -> None:
        for name in names:
            if name not in known:
                raise ValueError(f"{where} names {name!r}; there are: {', '.join(sorted(known))}")

    def _ports_differ(self) -> None:
        owner: dict[int, str] = {}
        for name, part in self.parts.items():
            for port in part.ports.values():
                if port in owner:
                    raise ValueError(f"port {port} is given to {owner[port]} and to {name}")
                owner[port] = name

    def levels(self) -> list[list[str]]:
        """The parts in order of need: each level needs only those before it."""
        sorter = TopologicalSorter({name: part.needs for name, part in self.parts.items()})
        sorter.prepare()
        levels = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            levels.append(ready)
            sorter.done(*ready)
        return levels


def read(path: Path, agents: Sequence[str] = REGISTERED) -> ProcessList:
    """Read and check the list for these agents. A mistake in it is a FarmError that names the place in the file."""
    try:
        return ProcessList.model_validate(spelt_out(tomllib.loads(path.read_text()), agents))
    except tomllib.TOMLDecodeError as error:
        raise FarmError(f"{path} is no TOML: {error}") from error
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}".lstrip(": ") for each in error.errors()]
        raise FarmError(f"{path}: {len(wrong)} thing(s) wrong", *wrong) from error
