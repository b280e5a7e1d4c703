"""`./farm fork`: what would a recorded run have done with another prompt or model? With no side effect anywhere."""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.calls import RunRecord
from ops.connections import addresses, records
from ops.console import out, progress
from ops.errors import FarmError
from ops.fork.difference import Difference
from ops.fork.reach import means
from ops.fork.running import forked
from ops.fork.telling import line, tell
from ops.fork.wish import Wish, wish
from ops.options import AnyInstance, AsJson
from ops.spans import span
from ops.stack.interrupts import run as until_stopped
from store.runs import Runs
from store.story import runs_matching

FAILED = 1
"""The fork came to no end, and the run did."""


def fork(  # noqa: PLR0917  a verb's options
    what: Annotated[str, typer.Argument(help="sales:deal:42/run-1, fork-3, or deal:42 for its newest run.")] = "",
    at: Annotated[str, typer.Option(help="The first turn to ask anew: 2, or orchestrate-1.", metavar="TURN")] = "0",
    model: Annotated[
        list[str] | None, typer.Option(help="Ask this role or model instead; triage=... for one role.", metavar="MODEL")
    ] = None,
    prompt: Annotated[list[Path] | None, typer.Option(help="Replaces the prompt of the file's name.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Make no read that isn't on record.")] = False,
    agent: Annotated[str, typer.Option(help="Fork all finished runs of this agent.")] = "",
    since: Annotated[str, typer.Option(help="With --agent: that began within so long.", metavar="SPAN")] = "7d",
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Run a recorded run on from one of its turns, and show the difference. Nothing is written outside the record."""
    if bool(what) == bool(agent):
        raise FarmError("which run?", "./farm fork sales:deal:42/run-1 --at orchestrate-1, or --agent sales --since 7d")
    # What a model or a tool refuses is told as the fork's end; the SDK would print a stack trace for each try.
    logging.getLogger("temporalio").setLevel("CRITICAL")
    order = wish(model or (), prompt or (), offline=offline)
    if agent:
        until_stopped(_many(agent, _since(since), at, order, name, as_json=as_json))
    else:
        until_stopped(_one(what, at, order, name, as_json=as_json))


def _since(text: str) -> datetime:
    try:
        return datetime.now(UTC) - span(text)
    except ValueError as error:
        raise FarmError(f"--since: {error}") from error


async def _one(what: str, at: str, order: Wish, instance: str, *, as_json: bool) -> None:
    origin = await _origin(what, instance)
    async with means(instance, origin.agent, offline=order.offline) as these:
        told = await forked(these, origin.run, at, order)
    if as_json:
        sys.stdout.write(told.model_dump_json(indent=2) + "\n")
    else:
        tell(told, out)
    if told.status.now == "failed" != told.status.then:
        raise typer.Exit(FAILED)


async def _origin(what: str, instance: str) -> RunRecord:
    async with records(addresses(instance)) as db:
        found = await runs_matching(db, what)
    if not found:
        raise FarmError(f"no run of {what!r} is on record", "./farm trace shows how runs are named.")
    if found[0].status in ("running", "waiting"):
        raise FarmError(f"{found[0].run} hasn't finished: fork it when it has")
    return found[0]


async def _many(agent: str, since: datetime, at: str, order: Wish, instance: str, *, as_json: bool) -> None:
    async with means(instance, agent, offline=order.offline) as these:
        runs = await Runs(these.db).finished(agent, since)
        told: list[Difference] = []
        for each in reversed(runs):
            try:
                told.append(await forked(these, each.run, at, order))
            except FarmError as error:
                progress.print(f"{each.run}  left out: {error.what}", style="dim", markup=False)
            else:
                _report(told[-1], as_json=as_json)
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in told], indent=2) + "\n")
    else:
        _sum_up(told)


def _report(told: Difference, *, as_json: bool) -> None:
    if not as_json:
        out.print(line(told), soft_wrap=True)


def _sum_up(told: Sequence[Difference]) -> None:
    acts = sum(each.acts_otherwise for each in told)
    words = sum(each.reports_otherwise and not each.acts_otherwise for each in told)
    then, now = sum(each.cost_then_usd for each in told), sum(each.cost_now_usd for each in told)
    out.print(
        f"\n{len(told)} runs forked: {acts} act otherwise, {words} only report otherwise, "
        f"{len(told) - acts - words} do the same. ${then:.4f} then, ${now:.4f} now."
    )
