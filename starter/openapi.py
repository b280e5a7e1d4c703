"""What the starter's routes take and answer, as OpenAPI: `GET /openapi.json`. Not those of the page for people.

The sources say the rest of their doors themselves; Slack's and our own routes are written down here. The tests send
whatever comes to mind and hold every answer against this.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from starter.answers import Kept, LeftOut, Refusal, Safe
from starter.health import Condition
from starter.slack.doors import Said, Word
from starter.sources.secret_path import PART
from starter.webhooks import Webhook

Json = dict[str, Any]

JSON, FORM, PLAIN = "application/json", "application/x-www-form-urlencoded", "text/plain"

REFUSED = {
    400: "No JSON, or a body that broke off",
    401: "Nobody who knows a secret sent this, or not just now",
    404: "No such path",
    408: "The body took too long",
    413: "The body is too large",
    415: "The content type is not JSON",
    429: "More than this source may send in a second",
    503: "It is nowhere safe: send it again",
}
AGAIN = {"Retry-After": {"required": True, "description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}
CHALLENGE = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}

SLACK = {"type": "apiKey", "in": "header", "name": "X-Slack-Signature"}
SLACK_TIME = {
    "name": "X-Slack-Request-Timestamp",
    "in": "header",
    "description": "Unix seconds: of what the signature covers, with the body",
    "schema": {"type": "string"},
}

_PARAMETER = re.compile(r"{(\w+)}")


def describe(webhooks: Iterable[Webhook]) -> Json:
    """The whole document."""
    doors = tuple(webhooks)
    shapes: list[type[BaseModel]] = [
        Safe,
        Kept,
        LeftOut,
        Refusal,
        Condition,
        Word,
        Said,
        *(each.source.sends for each in doors),
    ]
    named, schemas = models_json_schema(
        [(shape, "validation") for shape in dict.fromkeys(shapes)], ref_template="#/components/schemas/{model}"
    )
    schemes = {_scheme_name(each): dict(each.door.proof.scheme) for each in doors if each.door.proof.scheme}
    paths = {**{each.door.path: {"post": _webhook(each)} for each in doors}, **_slack(), **_own()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Farmstead's starter", "version": "1", "description": "The only door in."},
        "paths": _referring(paths, {shape: ref for (shape, _), ref in named.items()}),
        "components": {"schemas": schemas["$defs"], "securitySchemes": {**schemes, "slack": SLACK}},
    }


def _webhook(webhook: Webhook) -> Json:
    door = webhook.door
    names = _PARAMETER.findall(door.path)
    refused = _refused(400, 401, 408, 413, 415, 429, 503, *([404] if names else []))
    if webhook.door.proof.challenge:
        refused["401"]["headers"] = CHALLENGE
    return {
        "summary": webhook.source.about,
        "security": [{_scheme_name(webhook): []}] if door.proof.scheme else [],
        "parameters": [_part(name) for name in names],
        "requestBody": {"required": True, "content": _as(JSON, webhook.source.sends)},
        "responses": {**_taken(), **refused},
    }


def _slack() -> Json:
    event = {"description": "A request of the Events API", "type": "object"}
    command, click = _form("text", "trigger_id", "user_id"), _form("payload")
    unsigned = _refused(400, 401, 408, 413, 429, 503)
    return {
        "/slack/events": _by_slack(
            "What people say in Slack",
            {JSON: {"schema": event}},
            {**_taken(LeftOut, Word), **unsigned},
        ),
        "/slack/commands": _by_slack(
            "A slash command; whoever typed it is told what became of it",
            {FORM: {"schema": command}},
            {**_answer(200, "What the person is told", Said), **unsigned},
        ),
        "/slack/interactions": _by_slack(
            "A click, or a modal that was sent",
            {FORM: {"schema": click}},
            {
                # Nothing, or of a modal what Slack shall show in it: an empty answer has no content type to state.
                "200": {"description": "Acknowledged; of a modal, as JSON, what Slack shall show in it"},
                **unsigned,
            },
        ),
    }


def _own() -> Json:
    asleep = _answer(503, "Nothing can be accepted", Condition, Refusal)
    text = {PLAIN: {"schema": {"type": "string"}}}
    return {
        "/healthz": _get("Whether events are accepted", {**_answer(200, "They are", Condition), **asleep}),
        "/readyz": _get("The same; 503 while it drains", {**_answer(200, "They are", Condition), **asleep}),
        "/livez": _get("Whether the process answers", _answer(200, "It does", Condition)),
        "/metrics": _get(
            "For Prometheus", {"200": {"description": "Its text format", "content": text}, **_refused(503)}
        ),
        "/openapi.json": _get(
            "This", {"200": {"description": "OpenAPI", "content": {JSON: {"schema": {"type": "object"}}}}}
        ),
    }


def _by_slack(summary: str, content: Json, responses: Json) -> Json:
    body = {"required": True, "content": content}
    told = {"summary": summary, "security": [{"slack": []}], "parameters": [SLACK_TIME], "requestBody": body}
    return {"post": {**told, "responses": responses}}


def _get(summary: str, responses: Json) -> Json:
    return {"get": {"summary": summary, "responses": responses}}


def _taken(*left_out: type[BaseModel]) -> Json:
    return {
        **_answer(202, "Safe, with Temporal or on disk; or kept for a person, in quarantine", Safe, Kept),
        **_answer(200, "Nothing that an agent gets", *(left_out or (LeftOut,))),
    }


def _refused(*statuses: int) -> Json:
    answers = {str(each): _answer(each, REFUSED[each], Refusal)[str(each)] for each in sorted(statuses)}
    for status in {"429", "503"} & answers.keys():
        answers[status]["headers"] = AGAIN
    return answers


def _answer(status: int, description: str, *shapes: type[BaseModel]) -> Json:
    return {str(status): {"description": description, "content": _as(JSON, *shapes)}}


def _as(content_type: str, *shapes: type[BaseModel]) -> Json:
    return {content_type: {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": list(shapes)}}}


def _referring(told: Any, refs: Mapping[Any, Any]) -> Any:
    """With each shape as a reference to its schema: two sources may give theirs the same name."""
    if isinstance(told, dict):
        return {name: _referring(value, refs) for name, value in told.items()}
    if isinstance(told, list):
        return [_referring(value, refs) for value in told]
    return refs[told] if isinstance(told, type) else told


def _form(*fields: str) -> Mapping[str, Any]:
    return {"type": "object", "properties": {field: {"type": "string"} for field in fields}, "required": list(fields)}


def _part(name: str) -> Json:
    secret = {"format": "password"} if name == PART else {}
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[^/]+$", **secret}}


def _scheme_name(webhook: Webhook) -> str:
    scheme = webhook.door.proof.scheme or {}
    return str(scheme.get("scheme") or scheme.get("name"))


class Description:
    """The route."""

    def __init__(self, webhooks: Iterable[Webhook]) -> None:
        self._document = describe(webhooks)

    async def show(self, _: Request) -> Response:
        """The document."""
        return JSONResponse(self._document)
