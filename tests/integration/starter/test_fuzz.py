"""The API's description is true: whatever is sent, every answer is one that it tells of, and none is a 500.

Schemathesis makes the requests from the description itself, sound ones and broken ones, to the door as a whole with
stand-ins behind it. Some are signed as the sender would, so that they get past the door.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import Subscription
from starter.app import assemble
from starter.sources.signed import sign
from tests.unit.starter.conftest import SECRET, TOY, House, basic
from tests.unit.starter.fakes import FakeDoor, FakeTemporal

HEARS_ALL = TOY.model_copy(update={"listens": (Subscription(source="*", kinds=("*",), entity="*"),)})
IN_PATH = "n3w-Secret_of-the-path"
OUTAGE = RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b"")

TRUE = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
NEVER = {500, 501, 502, 504}

HOUSES: dict[str, Callable[[], House]] = {
    "all is well": House,
    "Temporal is away": lambda: House(temporal=FakeTemporal(away=OUTAGE)),
    "nothing can be kept": lambda: House(temporal=FakeTemporal(away=OUTAGE), door=FakeDoor(away=OSError("full"))),
}


def app_of(house: House) -> ASGIApp:
    house.agents = (HEARS_ALL,)
    house.keyring["pipedrive-path"] = (IN_PATH,)
    return assemble(house.parts())


@dataclass
class AsTheSender(requests.auth.AuthBase):
    """Signs a request as it goes out, by the proof that its path asks for."""

    path: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        content: Any = request.body or b""
        body: bytes = content.encode() if isinstance(content, str) else content
        now = int(time.time())
        if self.path.startswith("/slack"):
            signed = hmac.new(SECRET.encode(), f"v0:{now}:".encode() + body, hashlib.sha256)
            request.headers["X-Slack-Request-Timestamp"] = str(now)
            request.headers["X-Slack-Signature"] = f"v0={signed.hexdigest()}"
        elif "pipedrive" in self.path:
            request.headers["Authorization"] = basic()
        else:
            request.headers["Farm-Signature"] = sign(body, "post" if "mail" in self.path else "new", now)
        return request


def hold(case: Any, *, known: bool) -> Any:
    """Send it, and hold the answer against the description."""
    if known:
        case.path_parameters.update({"secret": IN_PATH, "source": "billing"} if case.path_parameters else {})
    answer = case.call(auth=AsTheSender(case.operation.path) if known else None)
    assert answer.status_code not in NEVER
    case.validate_response(answer, checks=TRUE)
    return answer


def fuzz(app: ASGIApp, examples: int, *, derandomize: bool) -> dict[str, set[int]]:
    """Each operation's answers, by status: to known senders and to strangers, to sound requests and to broken ones."""
    seen: dict[str, set[int]] = {}
    pace = settings(
        max_examples=examples,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    for found in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        operation = found.ok()
        # A GET of ours takes nothing, so none of it can be broken.
        for mode in GenerationMode if operation.method == "post" else [GenerationMode.POSITIVE]:
            for known in (True, False):
                cases = operation.as_strategy(generation_mode=mode)
                pace(given(case=cases)(answering(seen, known=known)))()
    return seen


def answering(seen: dict[str, set[int]], *, known: bool) -> Callable[[Any], None]:
    def answers(case: Any) -> None:
        seen.setdefault(case.operation.label, set()).add(hold(case, known=known).status_code)

    return answers


def holds(state: str, examples: int, *, derandomize: bool) -> None:
    seen = fuzz(app_of(HOUSES[state]()), examples, derandomize=derandomize)
    webhooks = {label for label in seen if "/webhooks/" in label}
    assert len(webhooks) == 4
    assert {401} <= set.intersection(*(seen[label] for label in seen if label.startswith("POST")))
    # It got past the door, and came to whatever this state lets it come to.
    taken = {503} if state == "nothing can be kept" else {202}
    assert all(taken <= seen[label] for label in webhooks)


@pytest.mark.parametrize("state", HOUSES)
def test_every_answer_is_told_of(state: str) -> None:
    """Status, content type, shape and headers."""
    holds(state, 8, derandomize=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("state", HOUSES)
def test_every_answer_is_told_of_at_length(state: str) -> None:
    """The same with other requests each time, and more of them."""
    holds(state, 40, derandomize=False)


class Tampered:
    """The door, but for one thing about its refusals of strangers."""

    def __init__(self, app: ASGIApp, status: int, added: bytes) -> None:
        self._app = app
        self._status = status
        self._added = added

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def change(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 401:
                refused = True
                headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                message = {**message, "status": self._status, "headers": headers}
            elif refused and message["type"] == "http.response.body":
                message = {**message, "body": message["body"].replace(b"{", b"{" + self._added)}
            await send(message)

        await self._app(scope, receive, change)


@pytest.mark.parametrize(
    ("status", "added", "says"),
    [(418, b"", "Undocumented status code"), (401, b'"hint": "try another", ', "Response violates schema")],
)
def test_an_answer_that_is_not_told_of_is_found(status: int, added: bytes, says: str) -> None:
    """So the tests above can fail: a status, or a field, that the description doesn't have."""
    with pytest.raises(FailureGroup) as found:
        fuzz(Tampered(app_of(House()), status, added), 3, derandomize=True)
    assert any(says in f"{each.title} {each}" for each in found.value.exceptions), found.value.exceptions
