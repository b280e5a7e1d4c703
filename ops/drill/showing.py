"""A verdict as a person reads it."""

from rich.console import Console
from rich.table import Table

from ops.drill.verdict import Verdict


def show(verdict: Verdict, to: Console) -> None:
    """The numbers, then the kills by boundary where there were any."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, number in _lines(verdict):
        table.add_row(what, str(number))
    to.print(table)
    if verdict.kills:
        at = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
        for boundary, number in verdict.kills_at.items():
            at.add_row(str(number), boundary)
        to.print("workers killed", at)


def _lines(verdict: Verdict) -> list[tuple[str, object]]:
    return [
        ("runs", f"{verdict.finished} finished of {verdict.runs}"),
        ("kills", f"{verdict.kills} workers, {verdict.tool_server_kills} tool servers"),
        *([("gone", f"{verdict.ended_by_themselves} workers ended by themselves")] * bool(verdict.ended_by_themselves)),
        *([("part away", f"{verdict.away_s:.0f} s")] if verdict.away_s else []),
        ("effects", f"{verdict.effects} in CRM and Slack, {verdict.duplicates} twice, {verdict.in_doubt} in doubt"),
        ("lost", f"{verdict.lost} of {verdict.events} events and {verdict.effects} effects"),
        ("paid twice", f"{verdict.paid_twice} of {verdict.chains + verdict.paid_twice} model calls"),
        *(
            [("overloaded", f"{verdict.overloaded} calls turned away, {verdict.by_standby} answered by a standby")]
            * bool(verdict.overloaded)
        ),
        ("chains", f"{verdict.chains} verified, {verdict.broken_chains} broken"),
        ("recovery", f"{verdict.recovery_p50_s} s median, {verdict.recovery_max_s} s longest, of {verdict.recoveries}"),
        ("took", f"{verdict.took_s:.0f} s"),
    ]
