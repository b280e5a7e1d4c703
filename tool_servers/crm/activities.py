"""Activities of a deal: v2."""

from contracts.fingerprints import activity_created
from contracts.marks import mark
from tool_servers.announcing import Announcer
from tool_servers.crm.pipedrive import Json, Pipedrive
from tool_servers.crm.texts import to_html, to_text

MOST_DONE = 20


async def list_for(crm: Pipedrive, deal_id: int) -> Json:
    """What is planned, soonest first, and the last things done."""
    listing = crm.each_v2("/api/v2/activities", deal_id=deal_id, sort_by="due_date")
    activities = [activity async for activity in listing]
    done = [activity_view(activity) for activity in reversed(activities) if activity["done"]]
    planned = [activity_view(activity) for activity in activities if not activity["done"]]
    return {"open": planned, "done": done[:MOST_DONE]}


async def create(crm: Pipedrive, announced: Announcer, deal_id: int, planned: Json, key: str) -> Json:
    """`planned` has subject, type, due_date and note. The mark of the key stands in the note."""
    note = to_html(planned["note"], key) or None
    async with announced(activity_created(deal_id, planned)):
        return _written(await crm.post("/api/v2/activities", {**planned, "deal_id": deal_id, "note": note}))


async def find(crm: Pipedrive, deal_id: int, key: str) -> Json | None:
    """The activity that was created under this effect key, where it is there."""
    wanted = mark(key)
    async for activity in crm.each_v2("/api/v2/activities", deal_id=deal_id, sort_by="id", sort_direction="desc"):
        if wanted in (activity.get("note") or ""):
            return _written(activity)
    return None


def activity_view(activity: Json) -> Json:
    plain = ("id", "subject", "type", "due_date", "due_time", "done", "owner_id")
    return {**{field: activity.get(field) for field in plain}, "note": to_text(activity.get("note"))}


def _written(activity: Json) -> Json:
    plain = ("deal_id", "subject", "type", "due_date")
    return {"activity_id": activity["id"], **{field: activity.get(field) for field in plain}}
