"""A fork's difference as text: what it did otherwise first, then step by step, then what it cost."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.fork.difference import Difference, StepDifference

LONGEST = 160

VERDICTS = {
    "kept": "[dim]as then[/]",
    "same": "[green]the same[/]",
    "changed": "[yellow]changed[/]",
    "only_then": "[red]only then[/]",
    "only_now": "[cyan]only now[/]",
}
HOW = {
    "record": "on record",
    "live": "really read",
    "dry": "dry run",
    "asked": "asked anew",
    "offline": "not on record",
    "": "",
}


def tell(told: Difference, to: Console) -> None:
    """Print the whole comparison."""
    to.print(f"[bold]{escape(told.fork)}[/], from turn {told.turn} ({told.step}) on: {in_short(told)}")
    to.print(f"[dim]The record kept {told.origin} as it was; nothing was written anywhere else.[/]\n")
    to.print(_steps(told))
    for line in _outcome(told):
        to.print(line, soft_wrap=True)
    to.print(f"\n{_bill(told)}", highlight=False)
    for warning in told.warnings:
        to.print(f"[yellow]{escape(warning)}[/]", soft_wrap=True)
    to.print(f"[dim]./farm trace {told.fork.partition(':')[0]} tells it whole.[/]")


def in_short(told: Difference) -> str:
    """At a glance: does it do the same?"""
    if told.acts_otherwise:
        return "[bold yellow]it acts otherwise[/]"
    return (
        "[yellow]it acts the same and reports otherwise[/]" if told.reports_otherwise else "[green]it does the same[/]"
    )


def line(told: Difference) -> str:
    """One of many forks in a line."""
    ended = f"{told.status.then} -> {told.status.now}" if told.status.then != told.status.now else str(told.status.now)
    money = f"${told.cost_then_usd:.4f} then, ${told.cost_now_usd:.4f} now"
    return f"{escape(told.origin)}  {in_short(told)}  {ended}, {money}  [dim]{told.fork.partition(':')[0]}[/]"


def _steps(told: Difference) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("step", header_style="dim", no_wrap=True)
    table.add_column("what", header_style="dim", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("answered", header_style="dim", no_wrap=True)
    table.add_column("then -> now", header_style="dim", overflow="fold")
    kept = [each for each in told.steps if each.verdict == "kept"]
    if kept:
        models = sum(each.kind == "model" for each in kept)
        what = f"{_count(models, 'model call')}, {_count(len(kept) - models, 'tool call')}"
        table.add_row("before", what, VERDICTS["kept"], HOW["record"], "", style="dim")
    for each in told.steps:
        if each.verdict != "kept":
            how = "" if each.verdict == "only_then" else HOW[each.how]
            table.add_row(each.step, escape(each.what), VERDICTS[each.verdict], how, "\n".join(_lines(each)))
    return table


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _lines(each: StepDifference) -> list[str]:
    if each.verdict == "same":
        return []
    if each.changed:
        return [
            f"[dim]{name}:[/] {_short(change.then)} -> {_short(change.now)}" for name, change in each.changed.items()
        ]
    return [f"[dim]{word}:[/] {_short(said)}" for word, said in (("then", each.then), ("now", each.now)) if said]


def _outcome(told: Difference) -> list[str]:
    if told.status.then == told.status.now:
        lines = [f"Ends {told.status.now}, as then."]
    else:
        lines = [f"[bold]Ends {told.status.now}[/], then {told.status.then}: {_short(told.reason.now)}"]
    if told.status.now == told.status.then == "failed":
        lines.append(f"  now: {_short(told.reason.now)}")
    if told.report and all(change.now is None for change in told.report.values()):
        return ["", *lines, "It made no report."]
    if told.report:
        lines.append("The report differs:")
    for name, change in told.report.items():
        lines += [f"  [dim]{name} then:[/] {_short(change.then)}", f"  [dim]{name} now:[/]  {_short(change.now)}"]
    lines += [f"Question at {escape(step)}: {escape(why)}" for step, why in told.decisions.items()]
    return ["", *lines]


def _bill(told: Difference) -> str:
    return (
        f"${told.cost_then_usd:.4f} then, ${told.cost_now_usd:.4f} now. "
        f"{told.on_record} steps answered from the record, "
        f"{len(told.live_reads)} reads really made, {len(told.dry_writes)} writes not done."
    )


def _short(value: object) -> str:
    text = str(value)
    return escape(text if len(text) <= LONGEST else text[:LONGEST] + " ...")
