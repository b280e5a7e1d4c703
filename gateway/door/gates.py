"""Every call goes through its role's gate, and what became of it is noted."""

from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Send

from gateway.door.asked import Asked, Handler
from gateway.door.gate import Busy, Gate
from gateway.door.roles_seen import LATELY_S, RoleSeen
from gateway.door.said import refusal

FROM_VENDOR = "x-litellm-model-id"
"""The proxy puts it on what a deployment answered. Its own refusals, of a key's limit say, haven't got it."""

FALLBACKS = "x-litellm-attempted-fallbacks"
MANY_ROLES = 100
"""Roles are few; a caller's mistakes are not to be remembered without end."""


class Gates:
    """A gate for each role, made when it is first asked for."""

    def __init__(self, calls: Handler, at_once: int, of_role: dict[str, int] | None = None) -> None:
        self._calls = calls
        self._at_once = at_once
        self._of_role = of_role or {}
        self._gates: dict[str, Gate] = {}
        self._seen: dict[str, RoleSeen] = {}

    async def answer(self, asked: Asked, send: Send) -> None:
        """Call the vendor when it is this call's turn, or say when to come back."""
        role = asked.role
        if not role or (role not in self._gates and len(self._gates) >= MANY_ROLES):
            await self._calls(asked, send)
            return
        gate = self._gates.setdefault(role, Gate(self._of_role.get(role, self._at_once)))
        try:
            await gate.enter(asked.credential)
        except Busy as busy:
            for message in _busy(role, gate, busy):
                await send(message)
            return
        try:
            with self._seen_of(role).under_way():
                await self._calls(asked, self._watching(role, gate, send))
        finally:
            gate.leave()

    def figures(self) -> dict[str, Any]:
        """Each role: its gate now, and its vendor lately."""
        roles = {role: _figures(gate) | self._seen_of(role).figures() for role, gate in sorted(self._gates.items())}
        return {"lately_s": LATELY_S, "roles": roles}

    def _watching(self, role: str, gate: Gate, send: Send) -> Send:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                _tell(gate, message["status"], headers)
                self._seen_of(role).note(message["status"], fallback=headers.get(FALLBACKS, "0") != "0")
            await send(message)

        return watch

    def _seen_of(self, role: str) -> RoleSeen:
        return self._seen.setdefault(role, RoleSeen())


def _tell(gate: Gate, status: int, headers: Headers) -> None:
    by_vendor = status < HTTPStatus.BAD_REQUEST or FROM_VENDOR in headers
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        gate.failed()
    elif by_vendor and status == HTTPStatus.TOO_MANY_REQUESTS:
        gate.refused(_seconds(headers.get("retry-after")))
    elif by_vendor:
        gate.answered()  # with a no, it may be: it is there, and what is wrong is with the call


def _seconds(retry_after: str | None) -> float | None:
    """None for a date, too: that is the caller's to read, and the gate opens again soon enough."""
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:
        return None


def _busy(role: str, gate: Gate, busy: Busy) -> list[Message]:
    if gate.is_away:
        told = f"The vendor behind {role} has failed several times in a row, and is asked now and then."
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded_error", told, busy.retry_after_s)
    told = f"{role} has as many calls under way as its vendor takes, and others wait."
    return refusal(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_error", told, busy.retry_after_s)


def _figures(gate: Gate) -> dict[str, Any]:
    state = "away" if gate.is_away else "shut" if gate.shut_s else "open"
    return {
        "state": state,
        "shut_s": round(gate.shut_s, 1),
        "under_way": gate.under_way,
        "waiting": gate.waiting,
        "at_once": gate.at_once,
    }
