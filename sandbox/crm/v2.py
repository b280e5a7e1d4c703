"""API v2: deals, persons, organizations, activities, stages, pipelines, deal fields.

The vendor recommends v2 wherever it exists and withdrew the v1 routes of these entities on 31 July 2026; so deals are
changed with PATCH here and there is no PUT. `cc_email` of v1 is `smart_bcc_email` in v2, given when asked
for with `include_fields`. Notes, mail, users and webhooks have no v2 yet: `v1.py`.
"""

from collections.abc import Iterable

from starlette.responses import Response
from starlette.routing import Route

from sandbox.crm.door import Call, Endpoint, door
from sandbox.crm.envelopes import number, page_v2, slice_v2, success
from sandbox.crm.mails import smart_bcc
from sandbox.crm.payloads import MAIL_FIELDS
from sandbox.crm.records import Record
from sandbox.crm.refusals import Invalid

_FILTERS = {
    "deal": ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id"),
    "person": ("owner_id", "org_id"),
    "organization": ("owner_id",),
    "activity": ("owner_id", "deal_id", "person_id", "org_id"),
    "stage": ("pipeline_id",),
    "pipeline": (),
}
_SORTS = ("id", "add_time", "update_time", "due_date")


def routes() -> list[Route]:
    return [
        Route("/api/v2/deals/search", door(search_deals), methods=["GET"]),
        Route("/api/v2/dealFields", door(deal_fields), methods=["GET"]),
        *_writable("deals", "deal"),
        *_writable("persons", "person"),
        *_writable("organizations", "organization"),
        *_writable("activities", "activity"),
        *_readable("stages", "stage"),
        *_readable("pipelines", "pipeline"),
    ]


def _readable(plural: str, kind: str) -> list[Route]:
    return [
        Route(f"/api/v2/{plural}", door(_list(kind)), methods=["GET"]),
        Route(f"/api/v2/{plural}/{{id:int}}", door(_get(kind)), methods=["GET"]),
    ]


def _writable(plural: str, kind: str) -> list[Route]:
    return [
        *_readable(plural, kind),
        Route(f"/api/v2/{plural}", door(_create(kind)), methods=["POST"]),
        Route(f"/api/v2/{plural}/{{id:int}}", door(_change(kind)), methods=["PATCH"]),
        Route(f"/api/v2/{plural}/{{id:int}}", door(_delete(kind)), methods=["DELETE"]),
    ]


def _list(kind: str) -> Endpoint:
    async def listed(call: Call) -> Response:
        equals = {name: number(call.request, name) for name in _FILTERS[kind]}
        items = [r for r in call.crm.records.all(kind, **equals) if not r.get("is_deleted") and _asked(call, r)]
        return page_v2(call.request, _sorted(call, items), lambda item: _shown(call, kind, item))

    return listed


def _get(kind: str) -> Endpoint:
    async def got(call: Call) -> Response:
        return success(_shown(call, kind, call.crm.get(kind, call.id)))

    return got


def _create(kind: str) -> Endpoint:
    async def created(call: Call) -> Response:
        return success(_shown(call, kind, call.crm.create(kind, await call.body(), call.actor)))

    return created


def _change(kind: str) -> Endpoint:
    async def changed(call: Call) -> Response:
        return success(_shown(call, kind, call.crm.change(kind, call.id, await call.body(), call.actor)))

    return changed


def _delete(kind: str) -> Endpoint:
    async def deleted(call: Call) -> Response:
        call.crm.delete(kind, call.id, call.actor)
        return success({"id": call.id})

    return deleted


async def search_deals(call: Call) -> Response:
    """Deals whose title, organization or person has `term` in it; at least two characters, as with the vendor."""
    term = call.request.query_params.get("term", "").casefold()
    if len(term) < 2:  # noqa: PLR2004 - the vendor's own minimum
        raise Invalid("Validation failed: term: must be at least 2 characters")
    found = [deal for deal in call.crm.records.all("deal", is_deleted=False) if term in _searched(call, deal)]
    page, following = slice_v2(call.request, found)
    items = [{"result_score": 1.0, "item": {"type": "deal", **_pick(deal, _FOUND)}} for deal in page]
    return success({"items": items}, next_cursor=following)


_FOUND = ("id", "title", "value", "currency", "status", "visible_to", "owner_id", "stage_id", "person_id", "org_id")


def _searched(call: Call, deal: Record) -> str:
    around = [call.crm.records.get(k, deal[f]) for k, f in (("organization", "org_id"), ("person", "person_id"))]
    return " ".join([deal["title"], *(record["name"] for record in around if record)]).casefold()


async def deal_fields(call: Call) -> Response:
    """The one field whose options a caller needs: the labels."""
    options = [_pick(label, ("id", "label", "color")) for label in call.crm.records.all("label")]
    field = {"field_name": "Label", "field_code": "label_ids", "field_type": "set", "options": options}
    return success([{**field, "is_custom_field": False}], next_cursor=None)


def _asked(call: Call, record: Record) -> bool:
    """The filters that aren't plain equality of a number."""
    query = call.request.query_params
    statuses, ids = query.get("status"), query.get("ids")
    return (
        (statuses is None or record.get("status") in statuses.split(","))
        and (ids is None or str(record["id"]) in ids.split(","))
        and ("done" not in query or record.get("done") == (query["done"] == "true"))
        and ("updated_since" not in query or (record.get("update_time") or "") >= query["updated_since"])
    )


def _sorted(call: Call, items: Iterable[Record]) -> list[Record]:
    by = call.request.query_params.get("sort_by", "id")
    if by not in _SORTS:
        raise Invalid(f"Validation failed: sort_by: must be one of {', '.join(_SORTS)}, not {by!r}")
    descending = call.request.query_params.get("sort_direction", "asc") == "desc"
    return sorted(items, key=lambda record: (record.get(by) or "", record["id"]), reverse=descending)


def _shown(call: Call, kind: str, record: Record) -> Record:
    """The record as v2 gives it: a deal's counters and mail times only for `include_fields`."""
    if kind != "deal":
        return record
    asked = call.request.query_params.get("include_fields", "")
    wanted = {field for field in asked.split(",") if field}
    shown = {field: value for field, value in record.items() if field not in MAIL_FIELDS}
    return {**shown, **_pick(_extras(call, record), wanted)} if wanted else shown


def _extras(call: Call, deal: Record) -> Record:
    activities = call.crm.records.all("activity", deal_id=deal["id"], is_deleted=False)
    done = sum(1 for activity in activities if activity["done"])
    return {
        **_pick(deal, (*MAIL_FIELDS, "first_won_time")),
        "smart_bcc_email": smart_bcc(deal["id"]),
        "notes_count": len(call.crm.records.all("note", deal_id=deal["id"], active_flag=True)),
        "activities_count": len(activities),
        "done_activities_count": done,
        "undone_activities_count": len(activities) - done,
    }


def _pick(record: Record, fields: Iterable[str]) -> Record:
    return {field: record[field] for field in fields if field in record}
