"""The modals beside the edit: words to a question, the reason of a no, and a yes to the next calls as well. Pure."""

import json
from datetime import date, timedelta
from typing import Any

from contracts.approvals import Always, ApprovalRequest
from starter.slack.inputs import VALUE, held, plain
from starter.slack.modal import LONGEST_TEXT, bound

Json = dict[str, Any]

ANSWER, WHY, ALWAYS = "farm.answer", "farm.why", "farm.always"

WORDS, SCOPE, UNTIL = "words", "scope", "until"
"""Inputs' block_ids."""

LONGEST_WORDS = 3000
A_MONTH = timedelta(days=30)


def answer_modal(request: ApprovalRequest) -> Json:
    """What the agent asks, and room for an answer in words. Holds the default, where there is one."""
    first = {"initial_value": request.default[:LONGEST_WORDS]} if request.default else {}
    return _modal(request, ANSWER, "Answer", "Send the answer", [_words("Your answer", first)])


def why_modal(request: ApprovalRequest) -> Json:
    """Why not: the agent hears it, and may try otherwise."""
    return _modal(request, WHY, "Reject, and say why", "Reject", [_words("Why not? The agent is told", {})])


def always_modal(request: ApprovalRequest, today: date) -> Json:
    """Yes to this call and to the next of its kind: for whom, and until which day."""
    scopes = [_option(f"For {request.entity} only", "entity")]
    if request.standing == "agent":
        scopes.append(_option(f"For everything that {request.agent} works on", "agent"))
    whom: Json = {"type": "radio_buttons", "action_id": VALUE, "options": scopes, "initial_option": scopes[0]}
    day: Json = {"type": "datepicker", "action_id": VALUE, "initial_date": (today + A_MONTH).isoformat()}
    inputs = [_input(SCOPE, "Which calls", whom), _input(UNTIL, "Until the end of this day (UTC)", day)]
    return _modal(request, ALWAYS, "Always approve", "Approve, and always", inputs)


def words(view: Json) -> str:
    """What was written; empty where nothing. Raises KeyError, TypeError or ValueError where the view isn't ours."""
    return str(_of(view, WORDS) or "")


def always(view: Json) -> Always:
    """What was chosen. Raises as `words`."""
    return Always.model_validate({"scope": _of(view, SCOPE), "until": _of(view, UNTIL)})


def _of(view: Json, block: str) -> Any:
    return held(view["state"]["values"][block][VALUE], VALUE)


def _modal(request: ApprovalRequest, callback: str, title: str, submit: str, inputs: list[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": json.dumps(bound(request)),
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "blocks": [{"type": "section", "text": plain(request.what[:LONGEST_TEXT] or request.tool)}, *inputs],
    }


def _words(label: str, first: Json) -> Json:
    element: Json = {"type": "plain_text_input", "action_id": VALUE, "multiline": True, "max_length": LONGEST_WORDS}
    return _input(WORDS, label, element | first)


def _input(block: str, label: str, element: Json) -> Json:
    return {"type": "input", "block_id": block, "label": plain(label), "element": element}


def _option(label: str, value: str) -> Json:
    return {"text": plain(label[:75]), "value": json.dumps(value)}
