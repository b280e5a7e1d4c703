"""API v1: notes, mail, users, webhooks; the vendor has no v2 of these. Both `/v1` and `/api/v1` answer, as there."""

from starlette.responses import Response
from starlette.routing import Route

from sandbox.crm.door import Call, Endpoint, door
from sandbox.crm.envelopes import number, page_v1, success
from sandbox.crm.mails import shown
from sandbox.crm.payloads import COMPANY_ID
from sandbox.crm.records import Record
from sandbox.crm.refusals import Invalid, NotFound
from sandbox.crm.times import v1_time
from sandbox.crm.webhooks import public, read_subscription, subscribe


def routes() -> list[Route]:
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/notes", list_notes),
        ("POST", "/notes", add_note),
        ("GET", "/notes/{id:int}", get_note),
        ("PUT", "/notes/{id:int}", update_note),
        ("DELETE", "/notes/{id:int}", delete_note),
        ("GET", "/deals/{id:int}/mailMessages", list_mail),
        ("GET", "/mailbox/mailMessages/{id:int}", get_mail),
        ("GET", "/users", list_users),
        ("GET", "/users/me", get_me),
        ("GET", "/users/{id:int}", get_user),
        ("GET", "/webhooks", list_webhooks),
        ("POST", "/webhooks", add_webhook),
        ("DELETE", "/webhooks/{id:int}", delete_webhook),
    ]
    return [
        Route(f"{prefix}{path}", door(endpoint), methods=[method])
        for prefix in ("/v1", "/api/v1")
        for method, path, endpoint in table
    ]


async def list_notes(call: Call) -> Response:
    """`sort` as the vendor spells it: `add_time DESC`."""
    equals = {name: number(call.request, name) for name in ("deal_id", "person_id", "org_id", "user_id")}
    notes = call.crm.records.all("note", active_flag=True, **equals)
    by, _, direction = call.request.query_params.get("sort", "id ASC").partition(" ")
    if by not in ("id", "user_id", "deal_id", "person_id", "org_id", "content", "add_time", "update_time"):
        raise Invalid(f"Validation failed: sort: {by!r} is not supported")
    notes.sort(key=lambda note: (note[by] or "", note["id"]), reverse=direction.strip().upper() == "DESC")
    return page_v1(call.request, [_note(call, note) for note in notes])


async def add_note(call: Call) -> Response:
    body = await call.body()
    if not any(body.get(anchor) for anchor in ("deal_id", "person_id", "org_id")):
        raise Invalid("Validation failed: one of deal_id, person_id, org_id is required")
    return success(_note(call, call.crm.create("note", body, call.actor)))


async def get_note(call: Call) -> Response:
    return success(_note(call, call.crm.get("note", call.id)))


async def update_note(call: Call) -> Response:
    return success(_note(call, call.crm.change("note", call.id, await call.body(), call.actor)))


async def delete_note(call: Call) -> Response:
    call.crm.delete("note", call.id, call.actor)
    return success(data=True)


async def list_mail(call: Call) -> Response:
    """Newest first; each wrapped as `{"object": "mailMessage", "timestamp", "data"}`, bodies left out."""
    deal = call.crm.get("deal", call.id)
    mails = call.crm.records.all("mail", deal_id=deal["id"])
    mails.sort(key=lambda mail: (mail["message_time"], mail["id"]), reverse=True)
    wrapped = [{"object": "mailMessage", "timestamp": v1_time(m["message_time"]), "data": shown(m)} for m in mails]
    return page_v1(call.request, wrapped)


async def get_mail(call: Call) -> Response:
    mail = call.crm.records.get("mail", call.id)
    if mail is None:
        raise NotFound("Mail message")
    with_body = number(call.request, "include_body", 0) == 1
    return success({**shown(mail), **({"body": mail["body"]} if with_body else {})})


async def list_users(call: Call) -> Response:
    return success([_user(call, user) for user in call.crm.records.all("user")])


async def get_me(call: Call) -> Response:
    company = {"company_id": int(COMPANY_ID), "company_name": "Chaleo", "company_domain": "chaleo"}
    return success({**_user(call, call.crm.get("user", call.actor.user_id)), **company})


async def get_user(call: Call) -> Response:
    return success(_user(call, call.crm.get("user", call.id)))


async def list_webhooks(call: Call) -> Response:
    return success([public(webhook) for webhook in call.crm.records.all("webhook")])


async def add_webhook(call: Call) -> Response:
    wanted = read_subscription(await call.body())
    return success(public(subscribe(call.crm, wanted, call.actor.user_id)), status=201)


async def delete_webhook(call: Call) -> Response:
    if call.crm.records.get("webhook", call.id) is None:
        raise NotFound("Webhook")
    with call.crm.records.transaction():
        call.crm.records.remove("webhook", call.id)
        call.crm.queue.forget_webhook(call.id)
    return success({"id": call.id})


def _user(call: Call, user: Record) -> Record:
    return {**user, "is_you": user["id"] == call.actor.user_id}


def _note(call: Call, note: Record) -> Record:
    """A note with what it hangs on and who wrote it, as v1 nests them."""
    records = call.crm.records
    deal = records.get("deal", note["deal_id"] or 0)
    person = records.get("person", note["person_id"] or 0)
    organization = records.get("organization", note["org_id"] or 0)
    user = records.get("user", note["user_id"]) or {}
    return {
        **note,
        "add_time": v1_time(note["add_time"]),
        "update_time": v1_time(note["update_time"]),
        "deal": {"title": deal["title"]} if deal else None,
        "person": {"name": person["name"]} if person else None,
        "organization": {"name": organization["name"]} if organization else None,
        "user": {
            "name": user.get("name"),
            "email": user.get("email"),
            "icon_url": None,
            "is_you": note["user_id"] == call.actor.user_id,
        },
    }
