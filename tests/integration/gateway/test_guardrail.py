"""The proxy's own guardrail, for whoever asks by another client than the farm's: what reaches the vendor."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.gateway.recorder import Recorder, recorder
from tests.integration.model_gateway import ModelGateway, model_gateway

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CARD, PASSWORD = "4111 1111 1111 1111", "hunter2"
TOLD = f"My card is {CARD}, the database postgresql://farm:{PASSWORD}@db.example/farm"
SAFE = "My card is [card removed], the database postgresql://farm:[password removed]@db.example/farm"


@dataclass(frozen=True)
class Desk:
    proxy: ModelGateway
    vendor: Recorder
    logs: Path

    def ask(self, path: str, **body: Any) -> httpx.Response:
        headers = {"x-api-key": self.proxy.key, "anthropic-version": "2023-06-01"}
        answer = httpx.post(f"{self.proxy.url}{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    logs = tmp_path_factory.mktemp("guarded")
    with recorder() as vendor, model_gateway(logs, ANTHROPIC_BASE_URL=vendor.url) as proxy:
        yield Desk(proxy, vendor, logs)


def said(*blocks: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


def test_no_secret_reaches_the_vendor_whoever_asks(desk: Desk) -> None:
    """It is replaced, and that is told: in the answer's headers by kind and count, in the log without its value."""
    answer = desk.ask("/v1/messages", model="triage", max_tokens=50, messages=[said({"type": "text", "text": TOLD})])
    (message,) = desk.vendor.asked[-1]["messages"]
    assert message["content"][0]["text"] == SAFE
    assert answer.headers["x-farm-taken-out"] == "card:1,password:1"
    log = (desk.logs / "gateway.log").read_text()
    assert "taken out of a request of sales" in log
    assert PASSWORD not in log
    assert CARD not in log


def test_thinking_goes_back_as_the_vendor_signed_it(desk: Desk) -> None:
    """Whatever is in it: a vendor refuses what doesn't fit its signature."""
    thinking = {"type": "thinking", "thinking": TOLD, "signature": "EqoBCkgIARAB"}
    use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"name": TOLD}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": TOLD}
    messages = [said({"type": "text", "text": "Look."}), said(thinking, use, role="assistant"), said(result)]
    tools = [{"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}]
    desk.ask("/v1/messages", model="triage", max_tokens=50, messages=messages, tools=tools)
    sent = desk.vendor.asked[-1]["messages"]
    assert sent[1]["content"][0] == thinking
    assert sent[1]["content"][1]["input"] == {"name": SAFE}
    assert sent[2]["content"][0]["content"] in (SAFE, [{"type": "text", "text": SAFE}])


def test_a_batch_that_is_passed_through_is_looked_at_too(desk: Desk) -> None:
    """Every request in it; custom ids and models as they were."""
    params = {"model": "claude-x", "max_tokens": 50, "messages": [said({"type": "text", "text": TOLD})]}
    answer = desk.ask("/anthropic/v1/messages/batches", requests=[{"custom_id": "b-1", "params": params}])
    (sent,) = desk.vendor.asked[-1]["requests"]
    assert (sent["custom_id"], sent["params"]["model"]) == ("b-1", "claude-x")
    assert sent["params"]["messages"][0]["content"][0]["text"] == SAFE
    assert answer.headers["x-farm-taken-out"] == "card:1,password:1"


def test_a_request_without_secrets_goes_as_it_came(desk: Desk) -> None:
    """And nothing is told of it."""
    answer = desk.ask("/v1/messages", model="triage", max_tokens=50, messages=[said({"type": "text", "text": "Hello"})])
    assert json.dumps(desk.vendor.asked[-1]["messages"]).count("Hello") == 1
    assert "x-farm-taken-out" not in answer.headers
