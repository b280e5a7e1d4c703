"""An agent with a key and limits of its own at a running proxy, and what the proxy's book says of it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import httpx

from contracts.failures import Failure
from gateway.accounts.book import Book
from gateway.accounts.keys import make
from gateway.accounts.limits import FARM, set_limits
from gateway.accounts.report import SpentCall, spend_since
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.model_gateway import ModelGateway

BODY = {"model": "triage", "max_tokens": 100, "messages": [{"role": "user", "content": "An offer?"}]}
UNLIMITED = dict.fromkeys(("daily", "monthly", "rpm", "tpm", "models"))


class Accounts:
    def __init__(self, proxy: ModelGateway, book: Book) -> None:
        self.proxy, self.book = proxy, book
        self.agent = f"agent-{uuid4().hex[:8]}"
        with book.entries() as entries:
            self.key, self.text = make(entries, self.agent, "a test")
        self.client = Gateway(proxy.url, self.text)
        self.headers = {"x-api-key": self.text, "anthropic-version": "2023-06-01"}

    async def close(self) -> None:
        await self.client.close()
        self.limit(FARM, **UNLIMITED)
        self.book.close()

    def limit(self, subject: str = "", **limits: object) -> None:
        with self.book.entries() as entries:
            set_limits(entries, subject or self.agent, **limits)

    async def ask(self, role: str = "triage", said: str = "An offer?", call_id: str = "") -> Answer:
        messages = [{"role": "user", "content": said}]
        asked = {"role": role, "system": "You sort.", "messages": messages, "call_id": call_id or uuid4().hex}
        return await self.client.complete(Call.model_validate(asked))

    async def refused(self, role: str = "triage") -> Failure:
        try:
            await self.ask(role)
        except GatewayError as error:
            return error.failure
        raise AssertionError("the call was let out")

    def post(self, path: str = "/v1/messages", **more: object) -> httpx.Response:
        """As whoever speaks HTTP, with no client of ours in between: a message, or a batch."""
        said = more if "requests" in more else {**BODY, **more}
        return httpx.post(f"{self.proxy.url}{path}", json=said, headers=self.headers, timeout=30)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.proxy.url}{path}", headers=self.headers)

    async def calls(self, *, at_least: int = 1) -> Sequence[SpentCall]:
        """This agent's calls in the book, once there are so many and none is under way."""
        for _ in range(200):
            found = self.seen()
            if len(found) >= at_least and all(call.outcome != "begun" for call in found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"not {at_least} calls that have ended: {self.seen()}")

    def seen(self) -> Sequence[SpentCall]:
        """As they stand now."""
        with self.book.reading() as entries:
            since = spend_since(entries, datetime(1970, 1, 1, tzinfo=UTC))
        return [call for call in since if call.agent == self.agent]


async def asked_and_left(accounts: Accounts, path: str = "/v1/messages", **more: object) -> None:
    """A client that asks, and is gone as soon as its call is out."""
    name = uuid4().hex
    headers = {**accounts.headers, "x-litellm-call-id": name}
    async with httpx.AsyncClient() as client:
        url, body = f"{accounts.proxy.url}{path}", {**BODY, **more}
        asking = asyncio.create_task(client.post(url, json=body, headers=headers, timeout=30))
        for _ in range(500):
            if any(call.call_id == name for call in accounts.seen()):
                break
            await asyncio.sleep(0.02)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
