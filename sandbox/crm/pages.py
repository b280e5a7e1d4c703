"""The page to look at: deals by stage, and one deal with its history. Sandbox only; it is read, not written."""

import html
import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from sandbox.crm.crm import Crm
from sandbox.crm.records import Record

_HERE = Path(__file__).parent
_TAGS = re.compile(r"<[^>]+>")


def plain(markup: str) -> str:
    """A note's HTML as text, line breaks kept; the template escapes it."""
    return html.unescape(_TAGS.sub("", markup.replace("<br>", "\n")))


_templates = Jinja2Templates(_HERE / "templates")
_templates.env.filters["plain"] = plain


def routes() -> list[BaseRoute]:
    return [
        Route("/", deals_page, methods=["GET"]),
        Route("/deal/{id:int}", deal_page, methods=["GET"]),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]


async def deals_page(request: Request) -> Response:
    crm: Crm = request.app.state.crm
    deals = crm.records.all("deal", is_deleted=False)
    around = {f"{kind}s": _by_id(crm, kind) for kind in ("organization", "user", "label")}
    columns = [
        {"stage": stage, "deals": [d for d in deals if d["stage_id"] == stage["id"] and d["status"] == "open"]}
        for stage in crm.records.all("stage")
    ]
    closed = [deal for deal in deals if deal["status"] != "open"]
    return _templates.TemplateResponse(request, "deals.html", {"columns": columns, "closed": closed, **around})


async def deal_page(request: Request) -> Response:
    crm: Crm = request.app.state.crm
    deal = crm.get("deal", request.path_params["id"])
    return _templates.TemplateResponse(request, "deal.html", {"deal": deal, **_history(crm, deal)})


def _history(crm: Crm, deal: Record) -> dict[str, Any]:
    """Everything that hangs on a deal, newest first."""
    users = _by_id(crm, "user")
    mails = crm.records.all("mail", deal_id=deal["id"])
    notes = crm.records.all("note", deal_id=deal["id"], active_flag=True)
    activities = crm.records.all("activity", deal_id=deal["id"], is_deleted=False)
    return {
        "stage": crm.records.get("stage", deal["stage_id"]),
        "organization": crm.records.get("organization", deal["org_id"] or 0),
        "person": crm.records.get("person", deal["person_id"] or 0),
        "labels": [label for label in crm.records.all("label") if label["id"] in deal["label_ids"]],
        "users": users,
        "mails": sorted(mails, key=lambda mail: (mail["message_time"], mail["id"]), reverse=True),
        "notes": sorted(notes, key=lambda note: (note["add_time"], note["id"]), reverse=True),
        "activities": sorted(activities, key=lambda activity: (activity["done"], activity["due_date"] or "")),
        "changes": crm.log.since(0, deal["id"])[::-1],
    }


def _by_id(crm: Crm, kind: str) -> dict[int, Record]:
    return {record["id"]: record for record in crm.records.all(kind)}
