"""`./farm dead-letters`: the events of runs that were given up for good, and what becomes of them."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from ops.connections import Addresses, addresses, records, temporal
from ops.console import out
from ops.errors import FarmError
from ops.intake import doors, who_we_are
from ops.options import AnyInstance, AsJson, By, who
from ops.redriving import ended, hand_over, settled
from store.dead_letters import WAITING, DeadLetter, DeadLetters


class Action(StrEnum):
    """What `./farm dead-letters` does."""

    LIST = "list"
    SHOW = "show"
    REDRIVE = "redrive"
    DROP = "drop"


@dataclass(frozen=True)
class Wish:
    """What a person asked for. With `run` empty: all that fit."""

    action: Action
    run: str
    every: bool
    agent: str
    by: str


def dead_letters(  # noqa: PLR0917  a verb's options
    action: Annotated[Action, typer.Argument(help="redrive: hand the events over again. drop: let them be.")],
    run: Annotated[str, typer.Argument(help="Whose, as list names it: sales:deal:42/run-1.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Of redrive and drop: all that wait. Of list: the settled ones, too.")
    ] = False,
    agent: Annotated[str, typer.Option(help="Of --all and list: this agent's alone.", metavar="NAME")] = "",
    by: By = "",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Events whose run was given up: list them, show one, hand them to their entity again, or drop them."""
    wish = Wish(action, run, every, agent, who(by))
    _check(wish)
    letters = asyncio.run(_do(wish, addresses(name), name))
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in letters], indent=2) + "\n")
    else:
        _tell(wish, letters)


def _check(wish: Wish) -> None:
    if wish.action is Action.LIST and wish.run:
        raise typer.BadParameter("list takes no run; show does", param_hint="RUN")
    if wish.action is Action.SHOW and wish.every:
        raise typer.BadParameter("show takes one run; list --all --json has them all", param_hint="--all")
    if wish.action is not Action.LIST and bool(wish.run) == wish.every:
        raise typer.BadParameter("say one run, or --all", param_hint="RUN")


async def _do(wish: Wish, where: Addresses, instance: str) -> Sequence[DeadLetter]:
    async with records(where) as db:
        letters = DeadLetters(db)
        chosen = await _chosen(wish, letters)
        if wish.action in (Action.LIST, Action.SHOW):
            return chosen
        waiting = [each for each in chosen if each.state == WAITING]
        if wish.action is Action.DROP:
            for each in waiting:
                await letters.settle(each.run, "dropped", wish.by)
            return [await ended(letters, each.run, "dropped") for each in chosen]
        if waiting:
            sources = {str(event["source"]) for each in waiting for event in each.events}
            async with doors(await temporal(where, lazy=True), db, who_we_are(instance, sources)) as door:
                for each in waiting:
                    await hand_over(letters, each, wish.by, door)
        return [await ended(letters, each.run, "redriven") for each in chosen]


async def _chosen(wish: Wish, letters: DeadLetters) -> Sequence[DeadLetter]:
    if wish.run:
        found = await letters.get(wish.run)
        if found is None:
            raise FarmError(f"{wish.run!r} is no dead letter", "./farm dead-letters list --all names them.")
        return [found]
    with_settled = wish.action is Action.LIST and wish.every
    return await (letters.all(wish.agent) if with_settled else letters.waiting(wish.agent))


def _tell(wish: Wish, letters: Sequence[DeadLetter]) -> None:
    if not letters:
        out.print("No dead letter waits.")
    elif wish.action is Action.LIST:
        _list(letters)
    for each in letters if wish.action is not Action.LIST else ():
        out.print(f"{each.run}  {settled(each)}", markup=False)
        if wish.action is Action.SHOW:
            _show(each)


def _list(letters: Sequence[DeadLetter]) -> None:
    table = Table("run", "since (UTC)", "events", "state", "reason", box=None)
    for each in letters:
        state = each.state if each.state == WAITING else f"{each.state} by {each.by}"
        reason = " ".join(each.reason.split())
        table.add_row(each.run, f"{each.at:%Y-%m-%d %H:%M}", str(len(each.events)), state, reason[:60])
    out.print(table)


def _show(letter: DeadLetter) -> None:
    out.print(f"  {letter.reason}", markup=False)
    for event in letter.events:
        out.print(f"  {event['occurred_at']}  {event['kind']}  {event.get('summary', '')}", markup=False)
        out.print(f"      {event['id']}", style="dim", markup=False)
