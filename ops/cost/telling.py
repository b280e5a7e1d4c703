"""A cost report for a terminal: a table with a bar for each line, and what stands behind the sums in sentences."""

import csv
from collections.abc import Iterator
from typing import TextIO

from rich.bar import Bar
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.cost.headers import Change
from ops.cost.reconcile import Reconciliation
from ops.cost.report import Line, Report
from ops.telling import LOST

BAR = 30
"""Columns of the longest bar."""

MUCH_USD = 100
"""From here on cents say enough."""


def tell(report: Report, to: Console) -> None:
    """Print it."""
    if not report.total.calls:
        to.print(f"No model was called since {report.since}.")
        return
    to.print(table(report))
    for sentence in sentences(report):
        to.print(sentence, soft_wrap=True)


def write_csv(report: Report, to: TextIO) -> None:
    """The table's lines, without the sum."""
    rows = [each.model_dump() for each in report.lines]
    names = [name for name in Line.model_fields if report.instead or name != "if_usd"]
    writer = csv.DictWriter(to, [report.by if name == "key" else name for name in names], lineterminator="\n")
    writer.writeheader()
    writer.writerows({report.by if name == "key" else name: row[name] for name in names} for row in rows)


def table(report: Report) -> Table:
    told = Table(box=None, padding=(0, 2, 0, 0), title=f"Since {report.since}, by {report.by}", title_justify="left")
    told.add_column(report.by, header_style="dim", overflow="fold")
    for heading in ("calls", "tokens in", "from cache", "out", "$", *([_wish(report)] if report.instead else [])):
        told.add_column(heading, header_style="dim", justify="right")
    told.add_column("", no_wrap=True, width=BAR)
    longest = max(max(each.cost_usd, each.if_usd or 0.0) for each in report.lines) or 1.0
    for each in report.lines:
        told.add_row(*_cells(each), Bar(longest, 0, each.cost_usd, width=BAR, color="cyan"))
    told.add_section()
    told.add_row(*(f"[bold]{cell}[/]" for cell in _cells(report.total)), "")
    return told


def _cells(line: Line) -> list[str]:
    sent = line.input_tokens + line.cache_read_tokens + line.cache_write_tokens
    cells = [escape(line.key), f"{line.calls:,}", f"{sent:,}", f"{line.cache_hit_rate:.0%}", f"{line.output_tokens:,}"]
    return [*cells, usd(line.cost_usd), *([] if line.if_usd is None else [usd(line.if_usd)])]


def _wish(report: Report) -> str:
    return "$ if " + ", ".join(f"{role}={model}" for role, model in report.instead.items())


def usd(value: float) -> str:
    """Four digits behind the point where a cent says too little."""
    return f"{value:,.2f}" if abs(value) >= MUCH_USD else f"{value:.4f}"


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def sentences(report: Report) -> Iterator[str]:
    yield from _runs(report)
    yield from _savings(report)
    for miss in report.misses:
        turns = counted(miss.calls, "turn")
        yield f"[yellow]{turns} of {escape(miss.role)} lost the vendor's cache: {LOST[miss.reason]}.[/]"
    yield from _changes(report.header_changes)
    ahead = report.forecast
    yield (
        f"{ahead.month} will come to about [bold]${usd(ahead.month_usd)}[/] (${usd(ahead.so_far_usd)} so far, "
        f"${usd(ahead.a_day_usd)} a day): {ahead.rule}."
    )


def tell_counts(found: Reconciliation, to: Console) -> None:
    """Print both counts, and where they differ."""
    to.print(
        f"Since {found.since}: the ledger has {counted(found.ledger_calls, 'call')} at ${usd(found.ledger_usd)}, the "
        f"gateway's book {counted(found.proxy_calls, 'call')} at ${usd(found.proxy_usd)}."
    )
    if found.batched_calls:
        to.print(
            f"Of the ledger's, {counted(found.batched_calls, 'call')} went in batches, at ${usd(found.batched_usd)}."
        )
    if found.broken:
        to.print(
            f"Beside them the book has {counted(len(found.broken), 'call')} whose answer broke off, at "
            f"${usd(found.broken_usd)}: what the vendor had told of by then, or a guess at it.",
            soft_wrap=True,
        )
    if not found.differences:
        to.print("They agree, agent by agent and day by day.")
        return
    told = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("day", "agent", "ledger", "$", "gateway", "$", "more at the gateway"):
        told.add_column(heading, header_style="dim", justify="left" if heading in ("day", "agent") else "right")
    for each in found.differences:
        ledger, proxy = (f"{each.ledger_calls:,}", usd(each.ledger_usd)), (f"{each.proxy_calls:,}", usd(each.proxy_usd))
        told.add_row(str(each.day), escape(each.agent), *ledger, *proxy, f"{each.usd:+.6f}")
    to.print(told)
    for call in found.only_the_proxy:
        end = "" if call.outcome == "answered" else ", the most that it can have cost: nobody saw its end"
        to.print(
            f"[yellow]only the gateway knows[/] {escape(call.call_id)}  {call.begun_at:%Y-%m-%d %H:%M:%S}, "
            f"{escape(call.model)}, ${usd(call.cost_usd)}{end}",
            soft_wrap=True,
        )


def _runs(report: Report) -> Iterator[str]:
    runs = report.runs
    if runs.done:
        yield f"{counted(runs.done, 'run')} went on to the end, at ${usd(runs.done_usd / runs.done)} on average."
    if runs.skipped:
        yield (
            f"{counted(runs.skipped, 'run')} ({runs.skipped_share:.0%}) stopped by triage, at "
            f"${usd(runs.skipped_usd / runs.skipped)} on average."
        )
    if runs.skipped and report.triage_saved_usd is not None:
        yield (
            f"Triage saved about ${usd(report.triage_saved_usd)}, by estimate: had each of those cost what one that "
            "went on does, less what they did cost."
        )


def _savings(report: Report) -> Iterator[str]:
    saved = report.cache_saved_usd
    verb = "saved" if saved >= 0 else "[yellow]cost[/]"
    yield f"The vendors' caches {verb} ${usd(abs(saved))}, against the same tokens without them."
    if report.total.batched:
        yield f"{counted(report.total.batched, 'call')} went in batches, which saved ${usd(report.batch_saved_usd)}."
    if report.total.cached:
        yield f"{counted(report.total.cached, 'call')} answered from the run's own record, for nothing."
    if report.total.fallbacks:
        yield f"[yellow]{counted(report.total.fallbacks, 'call')} answered by a standby.[/]"
    if report.unpriced_calls:
        yield (
            f"[yellow]{counted(report.unpriced_calls, 'call')} without a price on record: what they cost is the "
            "gateway's own word.[/]"
        )


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    for change in [each for each in changes if each.cause][:3]:
        yield (
            f"[dim]{change.at:%Y-%m-%d %H:%M} {escape(change.agent)}, {change.role} in {change.phase}: new "
            f"{' and '.join(change.cause)}, so its cached beginning was written anew.[/]"
        )
    if causeless := [each for each in changes if not each.cause]:
        first, times = causeless[-1], counted(len(causeless), "time")
        yield (
            f"[bold yellow]{times} the beginning of requests changed though the runs' kits were the same[/], as in "
            f"{escape(first.run)} ({escape(first.role)} in {escape(first.phase)}). New code may do that once; where it "
            "goes on, something in it is never the same twice, and every run pays for it."
        )
