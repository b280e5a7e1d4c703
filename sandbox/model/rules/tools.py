"""The names of the tools that the sales rules know. A tool that isn't on offer is left out."""

from collections.abc import Mapping
from typing import Any

from sandbox.model.answer import Call
from sandbox.model.conversation import Conversation
from sandbox.model.rules.schema import fit

GET_DEAL = "crm__get_deal"
LIST_MAILS = "crm__list_mails"
SEARCH_NOTES = "crm__search_notes"
RECALL = "memory__recall"
ADD_NOTE = "crm__add_note"
CREATE_ACTIVITY = "crm__create_activity"
UPDATE_DEAL = "crm__update_deal"
SEND_MAIL = "crm__send_mail"
FOLLOW_UP = "farm__set_follow_up"

WRITES = (ADD_NOTE, CREATE_ACTIVITY, UPDATE_DEAL, SEND_MAIL)


def called(conversation: Conversation, name: str) -> bool:
    """Whether the conversation has a call of that tool."""
    return any(exchange.call.name == name for exchange in conversation.exchanges)


def offered(conversation: Conversation, *calls: Call | None) -> tuple[Call, ...]:
    """Those calls whose tool is on offer and was not called yet, with arguments that fit the tool's schema."""
    return tuple(
        Call(call.name, fit_call(conversation, call.name, call.arguments))
        for call in calls
        if call and conversation.offers(call.name) and not called(conversation, call.name)
    )


def fit_call(conversation: Conversation, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with the tool's own properties alone, ids as the numbers or strings that it asks for."""
    schema, properties = _schema(conversation, name), properties_of(conversation, name)
    if not properties:
        return dict(arguments)
    return fit({key: _typed(value, properties.get(key, {})) for key, value in arguments.items()}, schema)


def properties_of(conversation: Conversation, name: str) -> dict[str, Any]:
    """The arguments that a tool on offer declares, each with its schema."""
    return dict(_schema(conversation, name).get("properties") or {})


def _schema(conversation: Conversation, name: str) -> Mapping[str, Any]:
    return next(tool.schema for tool in conversation.tools if tool.name == name)


def _typed(value: Any, part: Mapping[str, Any]) -> Any:
    if part.get("type") == "integer" and str(value).isdigit():
        return int(value)
    if part.get("type") == "string":
        return str(value)
    return value
