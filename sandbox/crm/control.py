"""Routes under /sandbox/: NOT the vendor's. How tests and the demo make the world turn, and see what it did.

POST /sandbox/mail-in     {deal_id, from?, subject, body}: a client's mail arrives (from: the deal's person)
GET  /sandbox/changes     ?since=<seq>&deal_id=: the change log; `last_seq` is the next `since`
GET  /sandbox/deliveries  ?limit=: the webhook queue, newest first
GET  /sandbox/outbox      mails that came through the SMTP door
POST /sandbox/faults      {status, times, delay_ms, path_prefix, method, retry_after, done}: see faults.py
DELETE /sandbox/faults    no more faults
POST /sandbox/limits      {enforced?, burst?, daily?}: rate limits as a test needs them
"""

from email.utils import make_msgid, parseaddr
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.crm.crm import Crm
from sandbox.crm.dropbox import outbox
from sandbox.crm.envelopes import number
from sandbox.crm.faults import Fault
from sandbox.crm.mails import Letter, file_letter, shown
from sandbox.crm.refusals import Invalid, Refused

Order = TypeVar("Order", bound=BaseModel)


class MailIn(BaseModel):
    """A client's mail. Without `from` the deal's person writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deal_id: int
    sender: str = Field(default="", alias="from")
    subject: str
    body: str


class LimitsOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    enforced: bool | None = None
    burst: int | None = Field(default=None, ge=0)
    daily: int | None = Field(default=None, ge=0)


def routes() -> list[Route]:
    return [
        Route("/sandbox/mail-in", mail_in, methods=["POST"]),
        Route("/sandbox/changes", list_changes, methods=["GET"]),
        Route("/sandbox/deliveries", list_deliveries, methods=["GET"]),
        Route("/sandbox/outbox", list_outbox, methods=["GET"]),
        Route("/sandbox/faults", order_fault, methods=["POST"]),
        Route("/sandbox/faults", drop_faults, methods=["DELETE"]),
        Route("/sandbox/limits", set_limits, methods=["POST"]),
    ]


async def mail_in(request: Request) -> Response:
    order = await _read(request, MailIn)
    crm: Crm = request.app.state.crm
    deal = crm.get("deal", order.deal_id)
    owner = crm.get("user", deal["owner_id"])
    letter = Letter(
        sender=parseaddr(order.sender) if order.sender else _client(crm, deal["person_id"]),
        to=((owner["name"], owner["email"]),),
        subject=order.subject,
        body=order.body,
        message_id=make_msgid(domain="client.example"),
        outgoing=False,
    )
    return JSONResponse(shown(file_letter(crm, order.deal_id, letter)), 201)


async def list_changes(request: Request) -> Response:
    crm: Crm = request.app.state.crm
    names = {user["id"]: user["name"] for user in crm.records.all("user")}
    rows = crm.log.since(number(request, "since", 0), number(request, "deal_id"))
    changes = [{**row, "user_name": names.get(row["user_id"], "")} for row in rows]
    last = changes[-1]["seq"] if changes else number(request, "since", 0)
    return JSONResponse({"changes": changes, "last_seq": last})


async def list_deliveries(request: Request) -> Response:
    return JSONResponse({"deliveries": request.app.state.crm.queue.listing(number(request, "limit", 200))})


async def list_outbox(request: Request) -> Response:
    return JSONResponse({"mails": outbox(request.app.state.crm)})


async def order_fault(request: Request) -> Response:
    request.app.state.faults.orders.append(await _read(request, Fault))
    return Response(status_code=204)


async def drop_faults(request: Request) -> Response:
    request.app.state.faults.orders.clear()
    return Response(status_code=204)


async def set_limits(request: Request) -> Response:
    order = await _read(request, LimitsOrder)
    for name, value in order.model_dump(exclude_none=True).items():
        setattr(request.app.state.limits, name, value)
    return Response(status_code=204)


def refuse(_request: Request, refused: Exception) -> Response:
    """`Refused` outside the API's own door."""
    status = refused.status if isinstance(refused, Refused) else 500
    return JSONResponse({"error": str(refused)}, status)


def _client(crm: Crm, person_id: int | None) -> tuple[str, str]:
    person = crm.get("person", person_id or 0)
    return person["name"], person["emails"][0]["value"]


async def _read(request: Request, order: type[Order]) -> Order:
    try:
        return order.model_validate_json(await request.body())
    except ValidationError as error:
        first: Any = error.errors()[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
