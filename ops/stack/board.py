"""How far each part is, for the eyes: a live table on a terminal, one line a step elsewhere. To stderr alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ops.stack.state import PartState

UNDER_WAY = ("starting", "setting up", "stopping")
TOLD = ("setting up", "ready", "done", "ended")
"""Stages worth a line where there is no table."""

STYLES = {"ready": "green", "done": "green", "ended": "bold red", "starting": "yellow", "setting up": "yellow"}


class Board:
    """Shows the parts' stages as they change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._parts: dict[str, PartState] = {}
        self._since: dict[str, float] = {}
        self._spinners: dict[str, Spinner] = {}
        self._begun = time.monotonic()
        self._live: Live | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While the block runs, a terminal shows the table and its clocks."""
        if not self._console.is_terminal:
            yield
            return
        with Live(
            get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True
        ) as self._live:
            yield
        self._live = None

    def show(self, name: str, part: PartState) -> None:
        before = self._parts.get(name)
        self._parts[name] = part
        if before is None or before.stage != part.stage:
            self._since[name] = time.monotonic()
            if self._live is None and part.stage in TOLD:
                self._line(name, part)

    def _line(self, name: str, part: PartState) -> None:
        seconds = time.monotonic() - self._begun
        text = Text.assemble(
            (f"{seconds:6.1f} s  ", "dim"), (f"{name:<14}", "bold"), (part.stage, STYLES.get(part.stage, "dim"))
        )
        text.append(f"  {part.note or (part.link if part.stage == 'ready' else '')}", "dim")
        self._console.print(text, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for name, part in self._parts.items():
            clock = "" if part.stage == "waiting" else f"{self._seconds(name, part):.0f} s"
            table.add_row(name, self._stage(name, part), Text(clock, "dim"), Text(part.about, "dim"))
        return table

    def _stage(self, name: str, part: PartState) -> Text | Spinner:
        style = STYLES.get(part.stage, "dim")
        if part.stage in UNDER_WAY:
            return self._spinners.setdefault(f"{name} {part.stage}", Spinner("dots", part.stage, style=style))
        return Text(part.stage, style)

    def _seconds(self, name: str, part: PartState) -> float:
        return time.monotonic() - self._since[name] if part.stage in UNDER_WAY else part.seconds
