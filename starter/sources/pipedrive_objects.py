"""What each of Pipedrive's objects is an event of: of the deal, where it belongs to one, else of itself. Pure.

The objects of webhooks v2: https://pipedrive.readme.io/docs/list-of-webhooks-v2
"""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from contracts.events import EntityRef
from starter.sources.no_event import Ignored, MalformedWebhookError

Fields = Mapping[str, JsonValue]

OF_ITSELF = frozenset(
    {"board", "deal", "lead", "organization", "person", "phase", "pipeline", "product", "project", "stage", "task"}
    | {"user"}
)
OF_ANOTHER = {
    "activity": ("deal", "lead", "person", "organization", "project"),
    "note": ("deal", "lead", "person", "organization", "project"),
    "deal_product": ("deal",),
    "deal_installment": ("deal",),
}
"""Objects that are about another one: the first of these that they name."""

FIELDS = {
    "deal": "deal_id",
    "lead": "lead_id",
    "person": "person_id",
    "organization": "org_id",
    "project": "project_id",
}

OBJECTS = tuple(sorted(OF_ITSELF | OF_ANOTHER.keys()))

_NUMBER = re.compile(r"[0-9]{1,18}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ID = f"^({_NUMBER.pattern}|{_UUID.pattern})$"


def entity_of(kind: str, object_id: str, fields: Fields) -> EntityRef | Ignored:
    """Whose event it is. Raises MalformedWebhookError for an id that none can be."""
    if kind in OF_ITSELF:
        return EntityRef(kind=kind, id=_id("meta.entity_id", kind, object_id))
    if kind not in OF_ANOTHER:
        return Ignored(f"{kind!r} is no object that is known here")
    for about in OF_ANOTHER[kind]:
        if (its := fields.get(FIELDS[about])) is not None:
            return EntityRef(kind=about, id=_id(FIELDS[about], about, its))
    return Ignored(f"{kind} {object_id} belongs to no {' or '.join(OF_ANOTHER[kind])}")


def _id(field: str, kind: str, value: JsonValue) -> str:
    # It becomes part of a workflow's id, and what a model is told to look up.
    form, said = (_UUID, "UUID") if kind == "lead" else (_NUMBER, "number, at most 18 digits")
    text = str(value).lower()
    if isinstance(value, bool) or not form.fullmatch(text):
        raise MalformedWebhookError(f"{field}: expected a {kind}'s {said}, got {str(value)[:40]!r}")
    return text
