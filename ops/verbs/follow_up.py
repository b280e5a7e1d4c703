"""`./farm follow-up`: what an entity waits for; moved or called off by a person."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from temporalio.service import RPCError

from contracts import dates
from contracts.names import FOLLOW_UP, STATUS
from contracts.workflows import EntityStatus, Replan
from ops.at_work import PATIENCE
from ops.connections import Addresses, addresses, temporal
from ops.console import out
from ops.entities import entity_workflow
from ops.errors import FarmError
from ops.options import AnyInstance, By, who
from workflows.registry import agent

What = Annotated[str, typer.Argument(help="deal:42 or sales:deal:42")]
At = Annotated[str, typer.Option(help="Look again then instead, by the agent's clock.", metavar='"2026-12-01 09:00"')]
Cancel = Annotated[bool, typer.Option("--cancel", help="Call off what is planned.")]
Reason = Annotated[str, typer.Option(help="Told to the agent when the date has come.")]


def follow_up(  # noqa: PLR0917  each is an option
    what: What, at: At = "", cancel: Cancel = False, reason: Reason = "", by: By = "", name: AnyInstance = ""
) -> None:
    """Show what an entity waits for; with --at or --cancel change it."""
    if at and cancel:
        raise FarmError("--at and --cancel exclude each other")
    now = asyncio.run(_done(what, addresses(name), at, Replan(by=who(by), reason=reason) if at or cancel else None))
    out.print(f"{now.entity} waits for {now.waiting_for}", markup=False)
    if now.follow_up:
        out.print(f"  {now.follow_up.reason}", markup=False)


async def _done(what: str, where: Addresses, at: str, word: Replan | None) -> EntityStatus:
    entity = await entity_workflow(what, where)
    if not entity:
        raise FarmError(
            f"no run of {what!r} is on record", "An entity is named like deal:42, its workflow sales:deal:42."
        )
    handle = (await temporal(where)).get_workflow_handle(entity)
    try:
        if word:
            zone = agent(entity.partition(":")[0]).time_zone
            await handle.signal(FOLLOW_UP, word.model_copy(update={"at": _moment(at, zone)}) if at else word)
        told: EntityStatus = await handle.query(STATUS, result_type=EntityStatus, rpc_timeout=PATIENCE)
    except RPCError as error:
        raise FarmError(f"{entity} didn't answer: {error.message}", "Does a worker run? ./farm status") from error
    return told


def _moment(text: str, zone: str) -> datetime:
    """A day, or a day and a time. What says its own offset is taken by it."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise FarmError(f"{text!r} is no date", '--at 2026-12-01 or --at "2026-12-01 14:30"') from error
    if read.tzinfo:
        return read
    is_day = len(text) == len("2026-12-01")
    return dates.moment_of(read.date(), dates.MORNING if is_day else read.time(), zone)
