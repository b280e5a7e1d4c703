"""A verdict on the intake as a person reads it."""

from rich.console import Console
from rich.table import Table

from ops.drill.intake.verdict import IntakeVerdict


def show(verdict: IntakeVerdict, to: Console) -> None:
    """A line for each thing that was counted."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, said in _lines(verdict):
        table.add_row(what, said)
    to.print(table)


def _lines(found: IntakeVerdict) -> list[tuple[str, str]]:
    return [
        ("sent", f"{found.sent} webhooks"),
        ("sent again", f"{found.cut} whose answer never came, {found.put_off} that nobody took"),
        ("taken away", f"Temporal for {found.outage_s:.0f} s; the starter killed {found.kills} times"),
        ("accepted", f"{found.accepted} events, {found.spooled} of them over the spool"),
        ("duplicates", f"{found.duplicates} told as such, {found.untold} not"),
        ("garbage", f"{found.refused} refused, {found.quarantined} in quarantine"),
        ("delivered", f"{found.delivered} to {found.runs} runs"),
        ("lost", f"{found.lost}, {found.twice} twice, {found.out_of_order} out of order"),
        ("drained", f"{found.drain_s:.1f} s after Temporal's return"),
        ("took", f"{found.took_s:.0f} s"),
        ("verdict", found.verdict),
    ]
