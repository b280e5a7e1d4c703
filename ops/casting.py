"""Who plays which role, why, for whom, and for how much: put together for `./farm models`. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from contracts.agents import AgentSpec
from gateway.models.roles import Models
from ops.served_models import ServedModel
from store.chosen_models import ChosenModel
from store.role_use import RoleUse


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(_Value):
    """A role, and who plays it."""

    role: str
    about: str
    model: str
    """For runs that begin now."""

    by_default: str
    """By the gateway, or, while that can't be asked, by the file."""

    chosen: ChosenModel | None
    """Who gave it to the model; None where nobody did."""

    standby: tuple[str, ...]
    max_tokens: int | None
    cache_ttl: str
    agents: tuple[str, ...]
    """Those that declare it, and those that asked it lately."""

    calls: int
    fallbacks: int
    cost_usd: float


class Candidate(_Value):
    """A model that a role can be given to."""

    model: str
    vendor: str
    served: bool | None
    """Whether the gateway has it now; None where it didn't say."""

    input_usd: float | None
    """For a million tokens, by the gateway's own prices; so are the others."""

    output_usd: float | None
    cache_read_usd: float | None
    standby: tuple[str, ...]


class Casting(_Value):
    """What `./farm models --json` prints."""

    environment: str
    gateway: bool
    """Whether the gateway was asked: else all of it is by the file."""

    days: int
    roles: tuple[Part, ...]
    models: tuple[Candidate, ...]


@dataclass(frozen=True)
class Seen:
    """What is known of it, from everywhere."""

    models: Models
    environment: str
    served: Mapping[str, ServedModel] | None
    """What the gateway says; None where it can't be asked."""

    chosen: Mapping[str, ChosenModel]
    agents: Sequence[AgentSpec]
    used: Sequence[RoleUse]

    def by_default(self) -> Mapping[str, str]:
        """Role -> model, before anybody chose."""
        there = self.served or {}
        cast = self.models.cast(self.environment)
        return {role: there[role].model if role in there else model for role, model in cast.items()}


def casting(seen: Seen, days: int) -> Casting:
    """Every role of the file, and whatever else was asked for in so many days."""
    by_default = seen.by_default()
    strange = sorted({each.role for each in seen.used} - by_default.keys())
    return Casting(
        environment=seen.environment,
        gateway=seen.served is not None,
        days=days,
        roles=tuple(_part(seen, role, by_default.get(role, "")) for role in (*by_default, *strange)),
        models=tuple(_candidate(seen, name) for name in seen.models.models),
    )


def _part(seen: Seen, role: str, by_default: str) -> Part:
    declared, its = seen.models.roles.get(role), [each for each in seen.used if each.role == role]
    model = seen.chosen[role].model if role in seen.chosen else by_default
    declaring = {each.name for each in seen.agents if role in (*each.roles, each.summary_role)}
    return Part(
        role=role,
        about=declared.about if declared else "",
        model=model,
        by_default=by_default,
        chosen=seen.chosen.get(role),
        standby=seen.models.models[model].standby if model in seen.models.models else (),
        max_tokens=declared.max_tokens if declared else None,
        cache_ttl=declared.cache_ttl if declared else "",
        agents=tuple(sorted(declaring | {each.agent for each in its})),
        calls=sum(each.calls for each in its),
        fallbacks=sum(each.fallbacks for each in its),
        cost_usd=sum(each.cost_usd for each in its),
    )


def _candidate(seen: Seen, name: str) -> Candidate:
    its, now = seen.models.models[name], (seen.served or {}).get(name)
    return Candidate(
        model=name,
        vendor=its.vendor,
        served=None if seen.served is None else now is not None,
        input_usd=now.input_usd if now else None,
        output_usd=now.output_usd if now else None,
        cache_read_usd=now.cache_read_usd if now else None,
        standby=its.standby,
    )
