"""From the process list to what is really started: ports moved, placeholders filled, stand-ins left out.

The placeholders of the list's strings are told at its head.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from ops.environments import Environment, environment
from ops.errors import FarmError
from ops.places import ROOT, Instance, farm_python
from ops.stack.keys import keys
from ops.stack.ports import Claim, claims
from ops.stack.processes import Part, ProcessList, Setting

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.-]*)\}")


@dataclass(frozen=True)
class Launch:
    """One process, ready to be started."""

    name: str
    about: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(repr=False)
    log: Path
    ready: str
    link: str
    needs: Set[str]
    environment: Environment | None = None
    once: bool = False
    beside: bool = False
    patience: float = 90


@dataclass(frozen=True)
class Plan:
    """A whole stack to be started."""

    instance: Instance
    offset: int
    claims: tuple[Claim, ...]
    launches: dict[str, Launch]
    env: dict[str, str] = field(repr=False)
    """Every setting of the list, as this stack has it: where its store, its CRM, its Temporal are."""

    def only(self, *names: str) -> "Plan":
        """The same with these parts alone, where they are in it."""
        launches = {name: launch for name, launch in self.launches.items() if name in names}
        return replace(self, launches=launches, claims=tuple(each for each in self.claims if each.part in launches))


def make_plan(listed: ProcessList, instance: Instance, offset: int, surroundings: Mapping[str, str]) -> Plan:
    """Pure but for the secrets file, which is made where it is missing. FarmError names what can't be filled."""
    theirs = {name for name, setting in listed.settings.items() if setting.yours and surroundings.get(setting.yours)}
    _require_secrets(listed, theirs, surroundings)
    replaced = {listed.settings[name].stand_in for name in theirs} - {""}
    parts = {name: part for name, part in listed.parts.items() if name not in replaced}
    wanted = claims(parts, offset)
    secrets = keys(instance.keys_file, listed.secrets, surroundings)
    values = {"home": str(instance.directory), "root": str(ROOT), **_port_values(wanted)}
    values |= {f"secret.{name}": value for name, value in secrets.items()}
    settings = {
        name: _from_user(setting, surroundings) if name in theirs else _from_list(name, setting, replaced, values)
        for name, setting in listed.settings.items()
    }
    given = _Given(instance, values, settings, _inherited(listed, surroundings))
    launches = {name: _launch(name, part, parts.keys(), given) for name, part in parts.items()}
    env = {key: value for setting in settings.values() for key, value in setting.items()}
    return Plan(instance, offset, wanted, launches, env)


def _require_secrets(listed: ProcessList, theirs: Set[str], surroundings: Mapping[str, str]) -> None:
    for setting in (listed.settings[name] for name in sorted(theirs)):
        for variables in (listed.secrets[name] for name in setting.secrets):
            if not any(surroundings.get(variable) for variable in variables):
                raise FarmError(f"{setting.yours} is set, and none of {', '.join(variables)}: set one, too")


@dataclass(frozen=True)
class _Given:
    """What all parts of a plan have in common."""

    instance: Instance
    values: dict[str, str]
    settings: dict[str, dict[str, str]]
    inherited: dict[str, str]


def _port_values(wanted: tuple[Claim, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for claim in wanted:
        values.setdefault(f"port.{claim.part}", str(claim.port))
        values[f"port.{claim.part}.{claim.name}"] = str(claim.port)
    return values


def _from_user(setting: Setting, surroundings: Mapping[str, str]) -> dict[str, str]:
    return {key: surroundings[key] for key in setting.env if key in surroundings}


def _from_list(name: str, setting: Setting, replaced: Set[str], values: Mapping[str, str]) -> dict[str, str]:
    """Nothing where the stand-in that the values point to is left out because of another setting."""
    if replaced & {setting.stand_in, setting.at}:
        return {}
    return {key: _fill(value, values, f"settings.{name}, {key}") for key, value in setting.env.items()}


def _inherited(listed: ProcessList, surroundings: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without what the list hands out itself: a key reaches only the parts that need it."""
    handed_out = {variable for variables in listed.secrets.values() for variable in variables}
    handed_out |= {key for setting in listed.settings.values() for key in setting.env}
    handed_out |= {key for part in listed.parts.values() for key in part.env}
    return {key: value for key, value in surroundings.items() if key not in handed_out}


def _launch(name: str, part: Part, present: Set[str], given: _Given) -> Launch:
    own = environment(part.environment) if part.environment else None
    python = own.python if own else farm_python()
    values = {**given.values, "python": str(python), "bin": str(python.parent)}
    if part.ports:
        values["port"] = values[f"port.{name}"]
    env = given.inherited.copy()
    for setting in part.settings:
        env |= given.settings[setting]
    env |= {key: _fill(value, values, f"parts.{name}, {key}") for key, value in part.env.items()}
    return Launch(
        name=name,
        about=part.about,
        argv=tuple(_fill(word, values, f"parts.{name}.argv") for word in part.argv),
        env=env,
        log=given.instance.log(name),
        ready=_fill(part.ready, values, f"parts.{name}.ready"),
        link=_fill(part.link, values, f"parts.{name}.link"),
        needs=present & frozenset(part.needs),
        environment=own,
        once=part.once,
        beside=part.beside,
        patience=part.patience,
    )


def _fill(text: str, values: Mapping[str, str], where: str) -> str:
    def value(found: re.Match[str]) -> str:
        try:
            return values[found[1]]
        except KeyError:
            raise FarmError(f"process list, {where}: nothing is called {{{found[1]}}}") from None

    return PLACEHOLDER.sub(value, text)
