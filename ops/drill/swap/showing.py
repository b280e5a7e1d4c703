"""A verdict on the swap of models as a person reads it."""

from rich.console import Console
from rich.table import Table

from ops.drill.swap.verdict import RunSeen, SwapVerdict


def show(verdict: SwapVerdict, to: Console) -> None:
    """A line for each thing that was measured or seen."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, said in _lines(verdict):
        table.add_row(what, said)
    to.print(table)


def _lines(found: SwapVerdict) -> list[tuple[str, str]]:
    return [
        ("the line", f"{found.set_s:.1f} s"),
        ("first answer", f"of the other vendor {found.first_answer_s:.1f} s after the line was typed"),
        ("run done", f"{found.done_s:.1f} s after it"),
        ("moved", _run(found.moved)),
        ("stayed", f"{_run(found.stayed)}; {found.stayed_calls_after} calls after the line"),
        ("took", f"{found.took_s:.0f} s"),
    ]


def _run(run: RunSeen) -> str:
    models = ", ".join(f"{role} {' and '.join(names)}" for role, names in run.models.items())
    return (
        f"{run.run} {run.status}: {models}; {run.calls} calls, {run.tool_uses} tool uses, "
        f"{run.cache_read_tokens} tokens from the cache, {run.repairs} repairs, ${run.cost_usd:.4f}"
    )
