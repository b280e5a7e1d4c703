"""What follows from a change: pure functions from a record as it was to the record as it will be."""

import re
from datetime import datetime

from sandbox.crm.records import Record
from sandbox.crm.times import rfc3339

_HIDDEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


def settle(kind: str, before: Record, after: Record, at: datetime) -> Record:
    """`after` with its consequences: times that move, names that split, HTML that is cleaned."""
    moment = rfc3339(at)
    settled = {**after, "update_time": moment}
    if kind == "deal":
        return _settle_deal(before, settled, moment)
    if kind == "activity":
        return _settle_activity(before, settled, moment)
    if kind == "note":
        return {**settled, "content": cleaned(settled["content"])}
    if kind == "person" and before.get("name") != settled["name"]:
        first, _, last = settled["name"].partition(" ")
        return {**settled, "first_name": first, "last_name": last or None}
    return settled


def cleaned(html: str) -> str:
    """The vendor sanitises a note's HTML: comments, scripts and styles don't survive."""
    return _HIDDEN.sub("", html)


def _settle_deal(before: Record, deal: Record, moment: str) -> Record:
    if before.get("stage_id") not in (None, deal["stage_id"]):
        deal = {**deal, "stage_change_time": moment}
    if before.get("status", "open") == deal["status"]:
        return deal
    closed = deal["status"] != "open"
    return {
        **deal,
        "close_time": moment if closed else None,
        "won_time": moment if deal["status"] == "won" else None,
        "first_won_time": deal["first_won_time"] or (moment if deal["status"] == "won" else None),
        "lost_time": moment if deal["status"] == "lost" else None,
        "lost_reason": deal["lost_reason"] if deal["status"] == "lost" else None,
    }


def _settle_activity(before: Record, activity: Record, moment: str) -> Record:
    if bool(before.get("done")) == activity["done"]:
        return activity
    return {**activity, "marked_as_done_time": moment if activity["done"] else None}
