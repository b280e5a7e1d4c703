"""A run's story as text, for someone who was woken by it: one line a moment, what matters first."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.calls import RunRecord
from ops import questions
from store.refused_decisions import RefusedDecision
from store.story import (
    AskedMoment,
    DecidedMoment,
    EventMoment,
    InterventionMoment,
    ModelMoment,
    Moment,
    RefusedMoment,
    Story,
    SubRunMoment,
    ToolMoment,
)

LONGEST = 240
"""Characters of arguments and results shown; --json has all."""

LOST = {
    "changed": "tools, system prompt or the answer's schema changed",
    "expired": "its time was over",
    "final": "the last turn may call no tool",
    "model": "another model answered",
    "unexplained": "nothing changed",
}
"""Why, by `cache_miss` of the call."""

STATUS = {"done": "green", "skipped": "dim", "running": "yellow", "waiting": "yellow", "failed": "bold red"}


def tell(story: Story, to: Console) -> None:
    """Print the whole story."""
    run = story.run
    usage = story.usage
    to.print(
        f"[bold]{escape(run.run)}[/]  [{STATUS[run.status]}]{run.status}[/]{_where(run)}, {run.at:%Y-%m-%d %H:%M} UTC"
    )
    if run.reason:
        to.print(f"  {run.reason}", markup=False)
    to.print(
        f"  ${story.cost_usd:.4f}, {usage.read_tokens} tokens in{_from_cache(story)}, {usage.output_tokens} out, "
        f"trace {run.trace_id or '-'}\n"
    )
    to.print(timeline(story))


def _from_cache(story: Story) -> str:
    """How much of what was sent the vendors had in their caches, and what became cheaper by that, or dearer."""
    if not story.usage.cache_read_tokens:
        return ""
    saved = story.cache_saved_usd
    money = f", which {'saved' if saved > 0 else 'cost'} ${abs(saved):.4f}" if saved else ""
    return f" ({story.usage.cache_hit_rate:.0%} from cache{money})"


def _where(run: RunRecord) -> str:
    """` in orchestrate`; nothing where the phase only says the status again."""
    return "" if run.phase == run.status else f" in {run.phase}"


def timeline(story: Story) -> Table:
    """Every moment, with the seconds since the first."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    begun = story.moments[0].at if story.moments else None
    for moment in story.moments:
        since = f"+{(moment.at - begun).total_seconds():.1f} s" if begun else ""
        title, lines = _told(moment)
        table.add_row(f"{moment.at:%H:%M:%S}", since, title, "\n".join(lines))
    return table


def _told(moment: Moment) -> tuple[str, list[str]]:
    match moment:
        case EventMoment():
            return "[cyan]event[/]", list(_event(moment.event))
        case ModelMoment():
            return f"[magenta]{escape(moment.step)}[/]", list(_thought(moment))
        case ToolMoment():
            return f"[{'red' if moment.is_error else 'blue'}]{escape(moment.step)}[/]", list(_done(moment))
        case AskedMoment():
            return "[yellow]asks[/]", list(_asked(moment))
        case DecidedMoment():
            return "[yellow]decided[/]", list(_decided(moment))
        case InterventionMoment() | SubRunMoment() | RefusedMoment():
            return _told_beside(moment)


def _told_beside(moment: InterventionMoment | SubRunMoment | RefusedMoment) -> tuple[str, list[str]]:
    """What others did: a person's hand in the run or one that was held back, a sub-agent's work for it."""
    if isinstance(moment, SubRunMoment):
        return "[green]sub-agent[/]", list(_sub_run(moment))
    if isinstance(moment, RefusedMoment):
        return "[red]refused[/]", [_refused(moment.refused)]
    hand = moment.intervention
    return f"[yellow]{hand.kind}[/]", [f"[bold]{escape(hand.by)}[/] {escape(hand.text)}"]


def _refused(refused: RefusedDecision) -> str:
    whose = f"[bold]{escape(refused.by)}[/] by way of {escape(refused.channel)}"
    return f"{refused.verdict} of {escape(refused.approval)} by {whose}: {escape(refused.reason)}"


def _sub_run(moment: SubRunMoment) -> Iterator[str]:
    run = moment.run
    yield f"[bold]{escape(run.agent)}[/] {run.status}, ${moment.cost_usd:.4f}: {escape(run.reason or run.phase)}"
    yield f"[dim]./farm trace {escape(run.run)}[/]"


def _event(event: dict[str, Any]) -> Iterator[str]:
    kind, actor, summary = (escape(str(event.get(name, ""))) for name in ("kind", "actor", "summary"))
    yield f"{kind} by {actor or 'unknown'}: {summary}"


def _thought(moment: ModelMoment) -> Iterator[str]:
    usage = moment.usage
    cached = f" ({usage.cache_read_tokens} from cache)" if usage.cache_read_tokens else ""
    if moment.cached:
        yield f"[bold]{escape(moment.role)}[/] {escape(moment.model)}: as it answered the same before, for nothing"
    else:
        yield from _paid(moment, cached)
    if moment.cache_miss:
        yield f"[yellow]the vendor's cache of the conversation was lost: {LOST[moment.cache_miss]}[/]"
    if taken := moment.reply.taken_out:
        what = ", ".join(f"{kind} {count}" for kind, count in sorted(taken.items()))
        yield f"[yellow]taken out of what was sent: {escape(what)}[/]"
    if said := moment.reply.suspicious:
        yield f"[yellow]it had read what looks like orders to a model: {escape(said)}[/]"
    for use in moment.reply.tool_uses:
        yield f"[dim]wants[/] {escape(use.name)} {_short(use.arguments)}"
    if moment.reply.text:
        yield f"[dim]{escape(moment.reply.text[:LONGEST])}[/]"


def _paid(moment: ModelMoment, cached: str) -> Iterator[str]:
    usage, batch = moment.usage, ", in a batch" if moment.batch else ""
    yield (
        f"[bold]{escape(moment.role)}[/] {escape(moment.model)}: {usage.read_tokens}{cached} -> "
        f"{usage.output_tokens} tokens, "
        f"${moment.cost_usd:.4f}, {moment.latency_s:.1f} s{batch}{_standby(moment)}"
    )


def _standby(moment: ModelMoment) -> str:
    if not moment.fallback:
        return ""
    missed = moment.reply.instead_of
    return f", a standby answered{f' instead of {escape(missed)}' if missed else ''}"


def _done(moment: ToolMoment) -> Iterator[str]:
    once = f" [dim]effect {moment.effect_key[:12]}[/]" if moment.effect_key else ""
    failed = "[red]failed[/] " if moment.is_error else ""
    yield f"{failed}[bold]{escape(moment.server)}.{escape(moment.tool)}[/] {_arguments(moment.arguments)}{once}"
    yield f"[dim]-> {escape((moment.result or '(no longer stored)')[:LONGEST])}[/]"


def _asked(moment: AskedMoment) -> Iterator[str]:
    request = moment.approval.request
    yield escape(request.what)
    yield f"[dim]{escape(request.id)}, {escape(request.why)}[/]"


def _decided(moment: DecidedMoment) -> Iterator[str]:
    first, *more = map(_cut, questions.decided(moment.approval))
    yield f"[bold]{first}[/]"
    yield from more


def _arguments(given: dict[str, Any]) -> str:
    """Without a Slack message's layout: its text says it all."""
    return _short({name: value for name, value in given.items() if name != "blocks"})


def _short(value: object) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return escape(text if len(text) <= LONGEST else text[:LONGEST] + " ...")
