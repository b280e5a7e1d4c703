"""`./farm status`: each part's health, process, address and log, and how the models' vendors are."""

import asyncio
import json
import sys
from typing import Any, NoReturn

import typer
from rich.table import Table

from ops.console import out
from ops.options import AnyInstance, AsJson
from ops.stack import state
from ops.stack.readiness import is_ready
from ops.stack.state import PartState, StackState
from ops.vendors import vendors, vendors_table

NOTHING_RUNS = 3
SOME_ARE_DOWN = 1


def status(name: AnyInstance = "", as_json: AsJson = False) -> None:
    """Show each part, and the models' vendors. Exit code: 0 all well, 1 some part down, 3 nothing runs."""
    which = state.chosen_or_none(name)
    now = state.load(which) if which else None
    if which is None or now is None or not state.is_running(now):
        _nothing_runs(as_json)
    healths, roles = asyncio.run(_looked_at(now))
    if as_json:
        sys.stdout.write(json.dumps({**_report(which.name, now, healths), "vendors": roles}, indent=2) + "\n")
    else:
        out.print(f"[bold]{which.name}[/], logs and data in {which.directory}")
        out.print(_table(now, healths))
        if roles:
            out.print(vendors_table(roles))
    if any(health not in ("ready", "done") for health in healths.values()):
        raise typer.Exit(SOME_ARE_DOWN)


def links(now: StackState) -> Table:
    """Where a person can look."""
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    for name, part in now.parts.items():
        if part.link:
            table.add_row(name, part.link, f"[dim]{part.about}[/]")
    return table


def _nothing_runs(as_json: bool) -> NoReturn:
    if as_json:
        sys.stdout.write('{"running": false, "parts": {}}\n')
    else:
        out.print("Nothing runs. ./farm up starts the stack, ./farm demo shows it at work.")
    raise typer.Exit(NOTHING_RUNS)


async def _looked_at(now: StackState) -> tuple[dict[str, str], dict[str, Any]]:
    return await _healths(now), await vendors(now)


async def _healths(now: StackState) -> dict[str, str]:
    """Looked at afresh: what the runner noted may be old news."""
    found = await asyncio.gather(*(_health(part) for part in now.parts.values()))
    return dict(zip(now.parts, found, strict=True))


async def _health(part: PartState) -> str:
    if part.stage in ("done", "waiting", "setting up"):
        return part.stage
    if part.process is None or part.process.find() is None:
        return "ended"
    return "ready" if await is_ready(part.ready) else "starting" if part.stage == "starting" else "not answering"


def _report(name: str, now: StackState, healths: dict[str, str]) -> dict[str, object]:
    parts = {
        part: {"health": healths[part], **now.parts[part].model_dump(mode="json", exclude={"stage"})}
        for part in now.parts
    }
    return {"running": True, "instance": name, "started_at": now.started_at.isoformat(), "parts": parts}


def _table(now: StackState, healths: dict[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("part", "health", "pid", "address", "log"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for name, part in now.parts.items():
        health = healths[name]
        style = "green" if health in ("ready", "done") else "yellow" if health in ("starting", "setting up") else "red"
        pid = str(part.process.pid) if part.process and part.stage != "done" else ""
        table.add_row(name, f"[{style}]{health}[/]", pid, part.address, f"logs/{name}.log")
    return table
