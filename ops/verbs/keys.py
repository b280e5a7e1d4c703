"""`./farm keys`: who may call the gateway, up to which limits, and what they have spent."""

import json
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.accounts import keys as book_of_keys
from gateway.accounts.book import Entries
from gateway.accounts.keys import Key, KeyRefused
from gateway.accounts.limits import FARM, set_limits
from ops.console import out
from ops.errors import FarmError
from ops.gateway_book import elsewhere, gateway_book
from ops.key_standing import ALL, key_standing, limits_standing, standings
from ops.key_telling import called, limits_line, lines
from ops.limit_options import changes
from ops.options import AnyInstance, AsJson, By, who
from ops.spans import span
from ops.stack import state
from ops.stack.keys import replace
from workflows.registry import AGENTS


class Step(StrEnum):
    """What `./farm keys` does."""

    LIST = "list"
    MAKE = "make"
    ROTATE = "rotate"
    REVOKE = "revoke"
    LIMIT = "limit"


What = Annotated[
    Step,
    typer.Argument(help="list all, make an agent's first, rotate to a new one, revoke one at once, limit an agent."),
]
Whose = Annotated[str, typer.Argument(help="An agent; of revoke also a key, by name; of limit also all: the farm.")]
Overlap = Annotated[str, typer.Option(help="Of rotate: how long the old key still works: 24h, 30m, 7d.")]
Install = Annotated[
    bool, typer.Option("--install", help="Of make and rotate: into this stack's secrets.json, and don't show it.")
]
Money = Annotated[str, typer.Option(metavar="USD", help="Of limit: dollars; off: no limit.")]
Count = Annotated[str, typer.Option(metavar="N", help="Of limit: calls (rpm), tokens (tpm) a minute; off: no limit.")]
Models = Annotated[str, typer.Option(metavar="ROLES", help="Of limit: what may be asked for, a,b; off: everything.")]


def keys(
    step: What = Step.LIST,
    whose: Whose = "",
    *,
    overlap: Overlap = "24h",
    install: Install = False,
    daily: Money = "",
    monthly: Money = "",
    rpm: Count = "",
    tpm: Count = "",
    models: Models = "",
    by: By = "",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Who may call the gateway, up to which limits, and what was spent. A change holds from the next call on."""
    limits = changes(daily=daily, monthly=monthly, rpm=rpm, tpm=tpm, models=models)
    if limits and step is not Step.LIMIT:
        raise FarmError("only `./farm keys limit` sets limits")
    if step is Step.LIST:
        _list(name, whose, as_json)
    elif step is Step.REVOKE:
        _revoke(name, whose, who(by), as_json)
    elif step is Step.LIMIT:
        _limit(name, _known(whose, and_all=True), limits, as_json)
    else:
        _give(name, step, _known(whose), overlap=overlap, install=install, by=who(by), as_json=as_json)


def _known(agent: str, *, and_all: bool = False) -> str:
    names = [spec.name for spec in AGENTS] + ([ALL] if and_all else [])
    if agent not in names:
        said = f"no agent is called {agent!r}" if agent else "of which agent?"
        raise FarmError(said, f"There are: {', '.join(names)}")
    return agent


def _list(name: str, whose: str, as_json: bool) -> None:
    with gateway_book(name) as book, book.entries() as entries:
        found = [each for each in standings(entries) if whose in ("", each.agent)]
    if as_json:
        _print([each.model_dump(mode="json") for each in found])
        return
    if not found:
        raise FarmError(f"{whose!r} has no key, no limit and no spend at this gateway")
    for each in found:
        agent, *details = lines(each)
        out.print(f"[bold]{agent}[/]")
        for detail in details:
            out.print(f"  {detail}", markup=False)


def _give(name: str, step: Step, agent: str, *, overlap: str, install: bool, by: str, as_json: bool) -> None:
    """A new key: told here, and nowhere again; or put where the stack takes it from."""
    place = _place(name, agent) if install else None
    seconds = _seconds(overlap)
    with gateway_book(name) as book, book.entries() as entries:
        key, text = _asked(entries, step, agent, by, seconds)
        standing = key_standing(key, entries.now())
    if place:
        replace(place[0], place[1], text)
    if as_json:
        _print({**standing.model_dump(mode="json"), **({} if place else {"key": text})})
        return
    if place:
        out.print(f"{key.id} is in {place[0]}: ./farm down and ./farm up give it to worker-{agent}.", markup=False)
    else:
        out.print(f"{key.id}: {text}", markup=False, soft_wrap=True)
        out.print("Nobody can show it again. It is FARM_GATEWAY_KEY of this agent's workers.")
    if step is Step.ROTATE:
        out.print(f"Those before it work for {overlap} more.")


def _asked(entries: Entries, step: Step, agent: str, by: str, overlap_s: float) -> tuple[Key, str]:
    try:
        if step is Step.MAKE:
            return book_of_keys.make(entries, agent, by)
        return book_of_keys.rotate(entries, agent, by, overlap_s)
    except KeyRefused as refused:
        raise FarmError(str(refused)) from refused


def _place(name: str, agent: str) -> tuple[Path, str]:
    """The embedded stack's secrets, and the name of this agent's key in them."""
    if elsewhere():
        raise FarmError("--install is for the embedded stack, and FARM_GATEWAY_STORE_URL names another gateway's book")
    variable = f"FARM_GATEWAY_KEY_{agent.upper().replace('-', '_')}"
    if os.environ.get(variable):
        raise FarmError(f"{variable} is set, and wins over what --install writes: set it to the new key instead")
    return state.chosen(name).keys_file, f"gateway_key_{agent}"


def _seconds(overlap: str) -> float:
    try:
        return span(overlap).total_seconds()
    except ValueError as error:
        raise FarmError(f"--overlap: {error}") from error


def _revoke(name: str, which: str, by: str, as_json: bool) -> None:
    if not which:
        raise FarmError("which key?", "./farm keys lists them; an agent's name means all of its keys.")
    with gateway_book(name) as book, book.entries() as entries:
        try:
            revoked = book_of_keys.revoke(entries, which, by)
        except KeyRefused as refused:
            raise FarmError(str(refused), "./farm keys lists them.") from refused
    if as_json:
        _print([key.id for key in revoked])
    else:
        out.print(f"Revoked: {', '.join(key.id for key in revoked)}. Calls with it are refused from now on.")


def _limit(name: str, subject: str, limits: Mapping[str, object], as_json: bool) -> None:
    if not limits:
        raise FarmError("which limit?", "Name one or more of --daily, --monthly, --rpm, --tpm, --models.")
    with gateway_book(name) as book, book.entries() as entries:
        now = limits_standing(set_limits(entries, FARM if subject == ALL else subject, **limits))
    if as_json:
        _print(now.model_dump(mode="json"))
    else:
        out.print(f"{called(subject)}: {limits_line(now)}", markup=False)


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
