"""A model's vendor behind the gateway's address: a script of answers, and a record of what was asked."""

import json
from typing import Any

import httpx2

from contracts.guards import Guards
from gateway.calls.client import Gateway
from gateway.models.roles import Role

HEADERS = {"x-litellm-response-cost": "0.0042", "x-litellm-model-name": "anthropic/claude-x"}


def says(text: str, stop_reason: str = "end_turn") -> httpx2.Response:
    return _message([{"type": "text", "text": text}], stop_reason)


def uses(id: str, name: str, **arguments: Any) -> httpx2.Response:  # noqa: A002  the vendor's name
    return _message([{"type": "tool_use", "id": id, "name": name, "input": arguments}], "tool_use")


def refuses(status: int, text: str = "no", **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"message": text}}, headers=headers)


def _message(content: list[dict[str, Any]], stop_reason: str) -> httpx2.Response:
    usage = {"input_tokens": 10, "output_tokens": 20}
    body = {"id": "msg", "type": "message", "role": "assistant", "model": "claude-x", "content": content}
    return httpx2.Response(200, json={**body, "stop_reason": stop_reason, "usage": usage}, headers=HEADERS)


def priced(answer: httpx2.Response) -> httpx2.Response:
    """The same answer, with what its tokens cost."""
    figures = {"input": 1e-6, "output": 5e-6, "cache_read": 1e-7, "cache_write": 1.25e-6, "cache_write_1h": 2e-6}
    rates = {"model": "claude-x", "version": "test #1", **figures}
    return httpx2.Response(200, content=answer.content, headers={**answer.headers, "x-farm-rates": json.dumps(rates)})


def kept(answer: httpx2.Response, tokens: int) -> httpx2.Response:
    """The same answer, with so many tokens written to the vendor's cache and none read from it."""
    body = json.loads(answer.content)
    body["usage"] |= {"cache_creation_input_tokens": tokens, "cache_read_input_tokens": 0}
    return httpx2.Response(200, json=body, headers=HEADERS)


class Vendor:
    """Answers in the script's order. A script that runs out is an AssertionError."""

    def __init__(self, *script: httpx2.Response, guards: Guards = Guards()) -> None:  # noqa: B008  frozen
        self.guards = guards
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []

    def gateway(self, **roles: Role) -> Gateway:
        transport = httpx2.MockTransport(self._answer)
        return Gateway("http://gateway", "sk-test", transport=transport, guards=self.guards, roles=roles)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        assert self.script, f"the vendor is asked a {len(self.asked)}th time"
        return self.script.pop(0)

    def conversation(self, number: int) -> list[tuple[str, list[str]]]:
        """What the nth request (from 0) said: (role, the kind of each block) of every message."""
        return [(each["role"], [block["type"] for block in each["content"]]) for each in self.asked[number]["messages"]]
