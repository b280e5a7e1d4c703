"""What the demo says to the person in front of it."""

import json
import shlex
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from contracts.approvals import ApprovalRequest, Decision, Verdict
from contracts.names import DECIDE
from ops.demo.outcome import Outcome

LONGEST_LINE = 160


def signals(request: ApprovalRequest, address: str) -> tuple[str, str]:
    """The two commands that approve by signal: with `temporal`, and with `tctl`."""
    decision = Decision(approval=request.id, verdict=Verdict.APPROVE)
    given = shlex.quote(json.dumps(decision.model_dump(mode="json", include={"approval", "verdict"})))
    workflow = shlex.quote(request.workflow_id)
    return (
        f".venv/bin/temporal workflow signal --address {address} "
        f"--workflow-id {workflow} --name {DECIDE} --input {given}",
        f"tctl --address {address} workflow signal --workflow_id {workflow} --name {DECIDE} --input {given}",
    )


def ask(request: ApprovalRequest, slack_page: str, starter: str, address: str, to: Console) -> None:
    """The question as a person gets it, and every way to answer. `starter`: where the page is."""
    body = "\n".join(f"[dim]{name}[/] {escape(str(value))}" for name, value in request.arguments.items())
    why = "".join(f"\n[dim]{escape(each)}[/]" for each in (request.wish, request.why) if each)
    to.print(Panel(f"[bold]{escape(request.what)}[/]{why}\n\n{body}", title=f"{request.agent} asks", expand=False))
    by_temporal, by_tctl = signals(request, address)
    to.print("Decide in one of these ways:")
    for way, how in (
        ("the buttons in Slack", slack_page),
        ("the page", f"{starter}/approvals/{request.id} (say that you are claire@chaleo.example)"),
        ("the command line", f"./farm approve {request.id}"),
        ("", f"./farm reject {request.id} --reason '...'"),
        ("a Temporal signal", by_temporal),
        ("the same with tctl", by_tctl),
    ):
        to.print(f"  [dim]{way:<22}[/]{escape(how)}", soft_wrap=True)


def sum_up(outcome: Outcome, to: Console) -> None:
    """The end: what changed, what it cost, where to look."""
    to.print("\n[bold]What changed in the CRM[/] (by the agent)")
    for change in outcome.crm_changes:
        to.print(f"  {_change(change)}", markup=False)
    for mail in outcome.mails_sent:
        to.print(f"  mail sent: {mail.get('subject', '')}", markup=False)
    to.print(
        f"\n{outcome.events_in} events in, {outcome.events_merged} of them merged into {outcome.runs} run; "
        f"{outcome.skipped} runs stopped by triage, {outcome.ignored} echo ignored; ${outcome.cost_usd:.4f} in all."
    )
    if outcome.model_is_stand_in:
        to.print("The model was a stand-in: rules, not a language model, at the real model's prices.", style="yellow")
    to.print("\n[bold]Where to look[/]")
    for name, link in outcome.links.items():
        to.print(f"  [dim]{name:<16}[/]{escape(link)}", soft_wrap=True)
    if not outcome.trace_ready:
        why = "The trace was not in Phoenix in time" if outcome.trace_store_up else "Phoenix was not up in time"
        to.print(f"  {why}; the farm's own record has it all.", style="yellow")
    to.print(f"  [dim]{'the story again':<16}[/]./farm trace {outcome.workflow_id}")


def _change(change: dict[str, Any]) -> str:
    """`change deal value: 48600 -> 54700`, on one line."""
    old = f"{change['old']} -> " if change["old"] is not None else ""
    return f"{change['action']} {change['entity']} {change['field'] or ''}: {old}{change['new']}"[:LONGEST_LINE]


def temporal_link(ui: str, workflow_id: str) -> str:
    return f"{ui}/namespaces/default/workflows/{quote(workflow_id, safe='')}"
