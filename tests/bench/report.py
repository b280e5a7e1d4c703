"""How a benchmark says what it found: a table and what had to hold, or JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ops.console import out, progress

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """One thing that must hold, and whether it does."""

    holds: bool
    what: str


@dataclass(frozen=True)
class Report:
    title: str
    rows: Sequence[Row]
    verdicts: Sequence[Verdict]
    notes: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        return all(each.holds for each in self.verdicts)


def show(report: Report, as_json: bool) -> None:
    """The rows to stdout. With `as_json` what must hold goes to stderr, so that stdout has the rows alone."""
    if as_json:
        sys.stdout.write(json.dumps({"rows": list(report.rows)}) + "\n")
    else:
        out.print(_table(report))
    console = progress if as_json else out
    for note in report.notes:
        console.print(f"[dim]{note}[/]")
    for each in report.verdicts:
        console.print(f"[{'green' if each.holds else 'bold red'}]{'PASS' if each.holds else 'FAIL'}[/]  {each.what}")


def _table(report: Report) -> Table:
    table = Table(title=report.title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in report.rows[0]:
        table.add_column(name, header_style="dim", justify="left" if isinstance(report.rows[0][name], str) else "right")
    for row in report.rows:
        table.add_row(*(_cell(value) for value in row.values()))
    return table


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.4g}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
