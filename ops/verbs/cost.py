"""`./farm cost`: what models cost, by whom and for what; what the month will come to; what another model had cost."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.accounts.book import Book
from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.cost import counts, telling
from ops.cost.looking import look
from ops.cost.reconcile import Reconciliation
from ops.cost.report import Report
from ops.errors import FarmError
from ops.gateway_book import gateway_book
from ops.options import AnyInstance, AsJson
from ops.spans import span
from store.spending import Split

DIFFERENT = 1

By = Annotated[Split, typer.Option("--by", help="A line for each of these.")]
Since = Annotated[str, typer.Option(help="From then on: 7d, 12h, 2026-11-01.", metavar="SPAN|DAY")]
Instead = Annotated[
    list[str] | None,
    typer.Option("--if", help="What the same tokens had cost with this model in that role.", metavar="ROLE=MODEL"),
]


def cost(
    *,
    by: By = "agent",
    since: Since = "7d",
    instead: Instead = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="The lines as CSV on stdout.")] = False,
    compare: Annotated[
        bool, typer.Option("--reconcile", help="Beside the gateway's own book. 1 if they differ.")
    ] = False,
    name: AnyInstance = "",
    as_json: AsJson = False,
) -> None:
    """Tell what models cost, from the farm's own ledger. Needs no running stack."""
    now = datetime.now(UTC)
    if compare:
        _reconcile(begin(since, now), name, as_json=as_json)
        return
    wish = dict(map(_wish, instead or ()))
    report = asyncio.run(_look(by, begin(since, now), wish, now, addresses(name)))
    if as_json:
        sys.stdout.write(report.model_dump_json(indent=2) + "\n")
    elif as_csv:
        telling.write_csv(report, sys.stdout)
    else:
        telling.tell(report, out)


def begin(text: str, now: datetime) -> datetime:
    """A span back from now, or the beginning of a day in UTC."""
    try:
        return now - span(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise FarmError(f"--since: {text!r} is neither a span of time nor a day", "Write 7d, or 2026-11-01.") from error


def _wish(text: str) -> tuple[str, str]:
    role, _, model = text.partition("=")
    if not role or not model:
        raise FarmError(f"--if: {text!r} names no role and model", "./farm cost --if orchestrator=claude-haiku-5-5")
    return role, model


def _reconcile(since: datetime, name: str, *, as_json: bool) -> None:
    with gateway_book(name) as book:
        found = asyncio.run(_counts(since, book, addresses(name)))
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        telling.tell_counts(found, out)
    if found.differences:
        raise typer.Exit(DIFFERENT)


async def _counts(since: datetime, book: Book, where: Addresses) -> Reconciliation:
    async with records(where) as db:
        return await counts.look(db, book, since.date())


async def _look(by: Split, since: datetime, instead: dict[str, str], now: datetime, where: Addresses) -> Report:
    async with records(where) as db:
        return await look(db, by, since, instead, now)
