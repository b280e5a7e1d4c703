"""Changing one field of a deal: which fields may be changed, and how a value is read.

Setting a field to a value is idempotent by nature: doing it again changes nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from contracts.fingerprints import Fingerprint
from tool_servers.announcing import Announcer
from tool_servers.crm.deals import label_names
from tool_servers.crm.failures import bad_arguments
from tool_servers.crm.pipedrive import Json, Pipedrive

Value = str | int | float | list[str]
Read = Callable[[Pipedrive, Json, Value], Awaitable[Any]]
STATUSES = ("open", "won", "lost")


async def change(crm: Pipedrive, announced: Announcer, deal_id: int, field: str, value: Value) -> Json:
    """Set a field. Answers the vendor's field name with its old and new value.

    Where it has the value already the CRM will tell of nothing, so nothing is announced: it would wait for a person.
    """
    if field not in _FIELDS:
        raise bad_arguments(f"field {field!r} can't be changed; these can: {', '.join(_FIELDS)}")
    name, read = _FIELDS[field]
    before = await crm.get(f"/api/v2/deals/{deal_id}")
    wanted = await read(crm, before, value)
    will_be = Fingerprint.of(f"deal:{deal_id}", name, wanted)
    changes = will_be != Fingerprint.of(f"deal:{deal_id}", name, before.get(name))
    async with announced(*([will_be] if changes else [])):
        after = await crm.patch(f"/api/v2/deals/{deal_id}", {name: wanted})
    return {"deal_id": deal_id, "field": name, "old": before.get(name), "new": after.get(name)}


async def _text(_crm: Pipedrive, _deal: Json, value: Value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad_arguments(f"value: a text that isn't empty, not {value!r}")
    return value.strip()


async def _number(_crm: Pipedrive, _deal: Json, value: Value) -> float:
    try:
        amount = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise bad_arguments(f"value: an amount such as 48600 or 48600.50, not {value!r}")
    return amount


async def _day(_crm: Pipedrive, _deal: Json, value: Value) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise bad_arguments(f"value: a date such as 2026-12-31, not {value!r}") from None


async def _status(_crm: Pipedrive, _deal: Json, value: Value) -> str:
    if value not in STATUSES:
        raise bad_arguments(f"value: one of {', '.join(STATUSES)}, not {value!r}")
    return str(value)


async def _stage(crm: Pipedrive, deal: Json, value: Value) -> int:
    """A stage of the deal's pipeline, by name or id."""
    stages = [stage async for stage in crm.each_v2("/api/v2/stages", pipeline_id=deal["pipeline_id"])]
    for stage in stages:
        if str(value).strip().casefold() in (stage["name"].casefold(), str(stage["id"])):
            return int(stage["id"])
    known = ", ".join(f"{stage['name']} ({stage['id']})" for stage in stages)
    raise bad_arguments(f"value: the pipeline has no stage {value!r}; it has: {known}")


async def _labels(crm: Pipedrive, _deal: Json, value: Value) -> list[int]:
    """Exactly these labels, by name; none for an empty list or text."""
    names = await label_names(crm)
    ids = {name.casefold(): id_ for id_, name in names.items()}
    wanted = value if isinstance(value, list) else [str(value)] if value else []
    unknown = [name for name in wanted if name.strip().casefold() not in ids]
    if unknown:
        raise bad_arguments(f"value: no label {unknown[0]!r}; there are: {', '.join(names.values())}")
    return [ids[name.strip().casefold()] for name in wanted]


_FIELDS: dict[str, tuple[str, Read]] = {
    "title": ("title", _text),
    "value": ("value", _number),
    "stage": ("stage_id", _stage),
    "stage_id": ("stage_id", _stage),
    "expected_close_date": ("expected_close_date", _day),
    "label": ("label_ids", _labels),
    "status": ("status", _status),
    "lost_reason": ("lost_reason", _text),
}
EDITABLE = tuple(_FIELDS)
