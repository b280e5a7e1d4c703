"""How the Web API is spoken: arguments in three shapes, one bearer token, `ok` and `error` in every answer."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

Json = dict[str, Any]

_JSON_ARGUMENTS = ("blocks", "metadata", "view", "attachments")


class Refusal(Exception):
    """An answer with `ok: false`. Slack gives these status 200; `messages` tell a developer what to mend."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages


def ok(body: Json) -> Response:
    return JSONResponse({"ok": True} | body)


def refused(refusal: Refusal) -> Response:
    body: Json = {"ok": False, "error": refusal.error}
    if refusal.messages:
        body["errors"] = [message.removeprefix("[ERROR] ") for message in refusal.messages]
        body["response_metadata"] = {"messages": list(refusal.messages)}
    return JSONResponse(body)


def rate_limited(retry_after: int) -> Response:
    """docs.slack.dev/apis/web-api/rate-limits: 429, with the seconds to wait in `Retry-After`."""
    return JSONResponse(
        {"ok": False, "error": "ratelimited"}, status_code=429, headers={"Retry-After": str(retry_after)}
    )


def unavailable() -> Response:
    return PlainTextResponse("upstream connect error (sandbox fault)", status_code=503)


async def arguments(request: Request) -> Json:
    """The call's arguments from query, form or JSON body; nested JSON given as text is unpacked.

    Raises Refusal: `invalid_json`, `json_not_object`, `invalid_<name>_format`.
    """
    given: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        given |= _object(await request.body())
    elif request.method == "POST":
        given |= dict(await request.form())
    return given | {name: _unpacked(name, given[name]) for name in _JSON_ARGUMENTS if name in given}


def _object(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value


def _unpacked(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal("invalid_arguments" if name == "view" else f"invalid_{name}_format") from None


def check_token(request: Request, given: Json, expected: str) -> None:
    """Raises Refusal: `not_authed` without a token, `invalid_auth` with a wrong one."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else given.get("token", "")
    if not token:
        raise Refusal("not_authed")
    if token != expected:
        raise Refusal("invalid_auth")


def required(given: Json, name: str) -> str:
    """A text argument that must be there. Raises Refusal `invalid_arguments`."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal("invalid_arguments", f"[ERROR] missing required field: {name}")
    return value


def flag(given: Json, name: str) -> bool:
    return str(given.get(name, "")).lower() in ("1", "true")
