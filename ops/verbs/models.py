"""`./farm models`: which model plays which role, for whom and for how much; and to give a role to another."""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from contracts.calls import RunRecord
from contracts.names import USE_MODELS
from contracts.steering import UseModels
from gateway.models import roles as file
from gateway.models.model_server import model_server
from gateway.models.roles import ENVIRONMENT, Models
from ops.at_work import Handle, act_on, open_run
from ops.casting import Candidate, Casting, Part, Seen, casting
from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson, By, who
from ops.served_models import Door, ServedModel, door, served
from store.chosen_models import ChosenModel, ChosenModels
from store.role_use import role_use
from workflows.registry import AGENTS

DAYS = 7
SERVED = {True: "yes", False: "[red]no key there[/]", None: "[dim]?[/]"}


class Step(StrEnum):
    """What `./farm models` does."""

    SHOW = "show"
    SET = "set"
    UNSET = "unset"
    MOVE = "move"
    HISTORY = "history"


What = Annotated[
    Step,
    typer.Argument(
        help="show the map, set role=model, unset a role: back to the file's; history of both; move a run at work."
    ),
]
Words = Annotated[
    list[str],
    typer.Argument(help="set: role=model, several at once. unset: roles. move: the run, then role=model."),
]


def models(
    step: What = Step.SHOW,
    words: Words = [],  # noqa: B006  typer reads it and changes nothing
    *,
    by: By = "",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Show which model plays each role, who uses it and what it cost in a week; or give a role to another model.

    Runs that begin from then on work with it, without a deploy. A run at work keeps the models that it began with,
    unless it is moved.
    """
    where, at = addresses(name), door(name)
    match step:
        case Step.SHOW:
            _show(asyncio.run(_casting(where, at)), as_json=as_json)
        case Step.HISTORY:
            _tell(asyncio.run(_history(where)), as_json=as_json)
        case Step.SET:
            _tell(asyncio.run(_set(where, at, _wishes(words), who(by))), as_json=as_json)
        case Step.MOVE:
            out.print(asyncio.run(_move(where, at, words, who(by))), style="green", markup=False, soft_wrap=True)
        case _:
            _tell(asyncio.run(_unset(where, words, who(by))), as_json=as_json)


async def _casting(where: Addresses, at: Door | None) -> Casting:
    there = await served(at)
    async with records(where) as db:
        chosen = ChosenModels(db)
        now, newest = await chosen.current(), {each.role: each for each in reversed(await chosen.history())}
        used = await role_use(db, datetime.now(UTC) - timedelta(days=DAYS))
    held = {role: newest[role] for role in now}
    return casting(Seen(file.read(), _environment(), there, held, AGENTS, used), DAYS)


async def _history(where: Addresses) -> Sequence[ChosenModel]:
    async with records(where) as db:
        return await ChosenModels(db).history()


async def _move(where: Addresses, at: Door | None, words: Sequence[str], by: str) -> str:
    if not words or "=" in words[0]:
        raise FarmError("move which run?", "./farm models move deal:42 orchestrator=<model>")
    wishes = _wishes(words[1:])
    await _require_possible(wishes, at)
    found = await open_run(words[0], where)
    _require_asked(found, wishes)

    async def tell(run: Handle) -> str:
        await run.signal(USE_MODELS, UseModels(models=dict(wishes), by=by))
        return f"{run.id}: {', '.join(words[1:])} from its next call on"

    return await act_on(found.run, where, tell)


async def _set(where: Addresses, at: Door | None, wishes: Mapping[str, str], by: str) -> Sequence[ChosenModel]:
    await _require_possible(wishes, at)
    async with records(where) as db:
        return await ChosenModels(db).choose(wishes, by)


async def _unset(where: Addresses, roles: Sequence[str], by: str) -> Sequence[ChosenModel]:
    async with records(where) as db:
        chosen = ChosenModels(db)
        there = await chosen.current()
        if not roles:
            raise FarmError("unset which role?", f"Chosen by hand: {', '.join(there) or 'none'}.")
        if strange := [role for role in roles if role not in there]:
            raise FarmError(
                f"nobody chose a model for {', '.join(strange)}", f"Chosen by hand: {', '.join(there) or 'none'}."
            )
        return await chosen.choose(dict.fromkeys(roles, ""), by)


def _wishes(words: Sequence[str]) -> Mapping[str, str]:
    pairs = [word.partition("=") for word in words]
    if not pairs or not all(role and model for role, _, model in pairs):
        raise FarmError("set which role to which model?", "./farm models set orchestrator=<model>")
    return {role: model for role, _, model in pairs}


async def _require_possible(wishes: Mapping[str, str], at: Door | None) -> None:
    known = file.read()
    _require("role", wishes, known.roles)
    _require("model", wishes.values(), known.models)
    _require_served(known, wishes, await served(at))


def _require(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    if strange := [each for each in given if each not in known]:
        raise FarmError(f"no {what} is called {', '.join(strange)}", f"There are: {', '.join(known)}.")


def _require_served(known: Models, wishes: Mapping[str, str], there: Mapping[str, ServedModel] | None) -> None:
    """A gateway that can be asked must have the model: else every new run would fail at its first call."""
    if there is None:
        return
    for model in wishes.values():
        if model not in there:
            key = known.vendors[known.models[model].vendor].key
            has = ", ".join(each for each in known.models if each in there)
            raise FarmError(f"the gateway doesn't serve {model}: has it {key}?", f"It serves: {has}.")
        if there[model].input_usd is None and not known.models[model].free:
            raise FarmError(
                f"the gateway knows no price for {model}: its calls would count for nothing, in every budget too",
                "Give it a price in gateway/prices.toml, or `free = true` in gateway/models.toml; restart the gateway.",
            )


def _require_asked(run: RunRecord, wishes: Mapping[str, str]) -> None:
    """Of an agent that isn't declared here, or doesn't say, nobody knows what it asks."""
    its = next((each for each in AGENTS if each.name == run.agent), None)
    asks = (*its.roles, its.summary_role) if its and its.roles else wishes
    if strange := [role for role in wishes if role not in asks]:
        there = ", ".join(dict.fromkeys(asks))
        raise FarmError(f"{run.agent}, whose run {run.run} is, never asks {', '.join(strange)}", f"It asks: {there}.")


def _environment() -> str:
    return model_server(os.environ).get(ENVIRONMENT) or os.environ.get(ENVIRONMENT) or file.DEFAULT


def _show(told: Casting, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(told.model_dump_json(indent=2) + "\n")
        return
    by = "as the gateway has it" if told.gateway else "as gateway/models.toml has it, for no gateway answers here"
    out.print(f"[bold]Roles[/], {by}; cost of the last {told.days} days\n")
    out.print(_roles(told.roles))
    out.print("\n[bold]Models[/], dollars for a million tokens\n")
    out.print(_models(told.models))


def _roles(parts: Sequence[Part]) -> Table:
    table = Table(
        "role", "model", "standby", "agents", "calls", "standby answered", "cost", box=None, padding=(0, 2, 0, 0)
    )
    for each in parts:
        table.add_row(
            escape(each.role),
            f"{escape(each.model)}{_since(each)}",
            ", ".join(each.standby) or "-",
            ", ".join(each.agents) or "-",
            str(each.calls),
            str(each.fallbacks),
            f"${each.cost_usd:.4f}",
        )
    return table


def _since(part: Part) -> str:
    if part.chosen is None:
        return ""
    return f"\n[dim]by {escape(part.chosen.by)}, {part.chosen.at:%Y-%m-%d %H:%M} UTC; else {escape(part.by_default)}[/]"


def _models(candidates: Sequence[Candidate]) -> Table:
    table = Table("model", "vendor", "served", "in", "out", "cache read", "standby", box=None, padding=(0, 2, 0, 0))
    for each in candidates:
        prices = (each.input_usd, each.output_usd, each.cache_read_usd)
        told = ("-" if price is None else f"{price:g}" for price in prices)
        table.add_row(each.model, each.vendor, SERVED[each.served], *told, ", ".join(each.standby) or "-")
    return table


def _tell(choices: Sequence[ChosenModel], *, as_json: bool) -> None:
    if as_json:
        lines = ",\n".join(each.model_dump_json() for each in choices)
        sys.stdout.write(f"[{lines}]\n")
        return
    if not choices:
        out.print("Nothing to change, or nothing was changed yet.")
    for each in choices:
        before, after = (model or "the file's" for model in (each.before, each.model))
        since = f"for runs that begin from {each.at:%Y-%m-%d %H:%M:%S} UTC on, by {each.by}"
        out.print(f"{each.role}: {before} -> {after}, {since}", markup=False, soft_wrap=True)
