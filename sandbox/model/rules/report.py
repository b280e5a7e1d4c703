"""The end of a run: what happened and what was done, failures and refusals included."""

from typing import Any

from sandbox.model.conversation import Exchange
from sandbox.model.rules import refusals
from sandbox.model.rules.evidence import Evidence
from sandbox.model.rules.insights import facts_of
from sandbox.model.rules.plan import Plan
from sandbox.model.rules.tools import ADD_NOTE, CREATE_ACTIVITY, FOLLOW_UP, SEND_MAIL, UPDATE_DEAL

DEEDS = {
    ADD_NOTE: "Added a note",
    CREATE_ACTIVITY: "Planned: {subject} ({due_date})",
    UPDATE_DEAL: "Set {field} to {value}",
    FOLLOW_UP: "Set a follow-up date",
    SEND_MAIL: "Sent to {to}: {subject}",
}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def report(evidence: Evidence, plan: Plan, exchanges: tuple[Exchange, ...]) -> dict[str, Any]:
    """A `RunReport` document."""
    subject = evidence.title or f"Deal {evidence.deal_id}"
    return {
        "headline": f"{subject}: {plan.matter}"[:150],
        "what_happened": plan.what[:800],
        "what_i_did": _deeds(exchanges) or ["Nothing: there was nothing to do"],
        "next_step": f"{plan.course.task}, by {plan.due.isoformat()}",
        "facts": facts_of(plan.asked, evidence),
    }


def _deeds(exchanges: tuple[Exchange, ...]) -> list[str]:
    return [line for exchange in exchanges if (line := _deed(exchange))]


def _deed(exchange: Exchange) -> str:
    name, told = exchange.call.name, " ".join(exchange.result.text.split())[:200]
    if name == SEND_MAIL and refusals.rejected(exchange):
        return f"Did not send the mail: {told}"
    if exchange.result.is_error:
        return f"{name} failed: {told}"
    if name not in DEEDS:
        return ""
    deed = DEEDS[name].format_map(_Blank(exchange.call.arguments))
    return f"{deed} (edited by a person before it went)" if refusals.edited(exchange) else deed
