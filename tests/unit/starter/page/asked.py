"""Questions, and somebody who reads them on the page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from contracts.approvals import ApprovalRecord, ApprovalRequest
from starter.app import assemble
from tests.unit.starter.conftest import House

NOW = datetime.now(UTC)
OURS = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
MAIL = {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour Julien,\n\nvotre devis."}


def question(id: str = "a1", **its: Any) -> ApprovalRequest:  # noqa: A002
    given = {
        "id": id,
        "workflow_id": "toy:deal:42/run-1",
        "step": "orchestrate-1.1",
        "agent": "toy",
        "entity": "deal:42",
        "tool": "crm__send_mail",
        "arguments": MAIL,
        "arguments_hash": "h1",
        "what": "send mail: to j@b.example",
        "asked_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(days=3),
    }
    return ApprovalRequest.model_validate(given | its)


def ask(house: House, request: ApprovalRequest, **how: Any) -> ApprovalRequest:
    house.approvals.records[request.id] = ApprovalRecord(request=request, **how)
    return request


class Reader:
    """Somebody in front of the page. A form is sent with the hidden fields that its page has."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def sign_in(self, name: str) -> None:
        token = token_in((await self.http.get("/sign-in")).text)
        came = await self.http.post("/sign-in", data={"token": token, "name": name}, headers=OURS)
        assert came.status_code == 303, came.text

    async def decide(self, id: str = "a1", **form: str) -> httpx.Response:  # noqa: A002
        shown = (await self.http.get(f"/approvals/{id}")).text
        hidden = {"token": token_in(shown), "hash": re.findall(r'name="hash" value="([^"]*)"', shown)[0]}
        return await self.http.post(f"/approvals/{id}/decide", data=hidden | form, headers=OURS)


def token_in(text: str) -> str:
    return re.findall(r'name="token" value="([^"]+)"', text)[0]


@asynccontextmanager
async def reading(house: House, name: str = "claire", base: str = "http://localhost") -> AsyncIterator[Reader]:
    """Signed in by that name; empty: not."""
    transport = httpx.ASGITransport(assemble(house.parts()))
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        reader = Reader(http)
        if name:
            await reader.sign_in(name)
        yield reader
