"""What a person filled into a modal: checked as Slack's client does, and shaped as `view.state.values`."""

from typing import Any

Json = dict[str, Any]

_CHOICES = ("static_select", "radio_buttons")


def current(block: Json) -> str:
    """What an input shows before anyone types."""
    element = block["element"]
    if element["type"] in _CHOICES:
        return str(element.get("initial_option", {}).get("value", ""))
    return str(element.get("initial_value") or element.get("initial_date") or "")


def inputs(view: Json) -> list[Json]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def faults(view: Json, given: dict[str, str]) -> dict[str, str]:
    """By block id, what Slack's client would not let through."""
    named = {block["block_id"]: _fault(block, given.get(block["block_id"], current(block))) for block in inputs(view)}
    unknown = {name: "This modal has no such input." for name in given if name not in named}
    return {name: fault for name, fault in named.items() if fault} | unknown


def _fault(block: Json, answer: str) -> str:
    element = block["element"]
    if not answer:
        return "" if block.get("optional") else "Please complete this required field."
    if element["type"] in _CHOICES and answer not in _values(element):
        return f"Choose one of: {', '.join(_values(element))}."
    if len(answer) > (longest := element.get("max_length", 3000)):
        return f"Please keep this to {longest} characters."
    return _off_its_kind(element["type"], answer)


def _off_its_kind(kind: str, answer: str) -> str:
    """What Slack's client holds back besides, by the input's type."""
    if kind == "number_input" and not _is_number(answer):
        return "Please enter a number."
    if kind == "email_text_input" and "@" not in answer:
        return "Please enter a valid email address."
    if kind == "url_text_input" and "://" not in answer:
        return "Please enter a valid URL."
    return ""


def state(view: Json, given: dict[str, str]) -> Json:
    """`{block_id: {action_id: {...}}}`, as it stands in the payload of a submission."""
    return {
        block["block_id"]: {
            block["element"]["action_id"]: _state(block["element"], given.get(block["block_id"], current(block)))
        }
        for block in inputs(view)
    }


def _state(element: Json, answer: str) -> Json:
    match element["type"]:
        case "static_select" | "radio_buttons":
            chosen = next((option for option in element["options"] if option["value"] == answer), None)
            return {"type": element["type"], "selected_option": chosen}
        case "datepicker":
            return {"type": "datepicker", "selected_date": answer or None}
        case kind:
            return {"type": kind, "value": answer or None}


def _values(element: Json) -> list[str]:
    return [option["value"] for option in element["options"]]


def _is_number(answer: str) -> bool:
    try:
        float(answer)
    except ValueError:
        return False
    return True
