"""A vendor with batches behind the gateway's address. It keeps what was sent, answers when it is due, and counts."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx2

from contracts.guards import Guards
from gateway.calls.client import Gateway
from gateway.models.roles import Role

MODEL = "claude-haiku-x"
INFO = {
    "model_name": "insight",
    "litellm_params": {"model": f"anthropic/{MODEL}"},
    "model_info": {"input_cost_per_token": 1e-6, "output_cost_per_token": 5e-6},
}
MOST_TOKENS = 2000
"""Of an answer, as the role allows."""

USAGE = {"input_tokens": 1000, "output_tokens": 100}
START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)

Mood = Literal["well", "unheard", "killed", "late", "busy", "away", "refusing"]
"""How a submission goes: well; taken in, with a 500; taken in, and the caller is killed; the caller is killed and the
gateway brings it three minutes later; 429; not reached; 404."""


class Killed(BaseException):
    """The process is gone; no `except Exception` hears of it."""


class BatchVendor:
    def __init__(self) -> None:
        self.now = START
        self.mood: Mood = "well"
        self.takes = timedelta(hours=1)
        self.fates: dict[str, dict[str, Any]] = {}
        """By what a request says: another result than an answer."""

        self.batches: list[dict[str, Any]] = []
        self.paid: Counter[str] = Counter()
        """By what a request says: how often it was answered, in a batch or by itself."""

        self.guards = Guards()
        self.asked: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.listed = [INFO]
        self._ended: set[str] = set()

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def gateway(self) -> Gateway:
        transport = httpx2.MockTransport(self._answer)
        roles = {"insight": Role(about="learns", max_tokens=MOST_TOKENS)}
        return Gateway("http://gateway", "sk-test", transport=transport, roles=roles, guards=self.guards)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        if path == "/model/info":
            return httpx2.Response(200, json={"data": self.listed})
        if path == "/v1/messages":
            return self._single(json.loads(request.content))
        if path == "/anthropic/v1/messages/batches":
            return self._create(json.loads(request.content)) if request.method == "POST" else self._list()
        batch = next((each for each in self.batches if each["id"] == path.split("/")[5]), None)
        if batch is None:
            return httpx2.Response(404, json={"error": {"type": "not_found_error", "message": "no such batch"}})
        return self._results(batch) if path.endswith("/results") else httpx2.Response(200, json=self._told(batch))

    def _single(self, body: dict[str, Any]) -> httpx2.Response:
        self.paid[said(body)] += 1
        headers = {"x-litellm-response-cost": "0.0015", "x-litellm-model-name": f"anthropic/{MODEL}"}
        return httpx2.Response(200, json=_message(), headers=headers)

    def _create(self, body: dict[str, Any]) -> httpx2.Response:
        if self.mood == "busy":
            return httpx2.Response(429, json={"error": {"type": "rate_limit_error"}}, headers={"retry-after": "7"})
        if self.mood == "refusing":
            return httpx2.Response(404, json={"error": {"message": "no pass-through here"}})
        if self.mood == "away":
            raise httpx2.ConnectError("nobody there")
        late = timedelta(minutes=3) if self.mood == "late" else timedelta()
        batch = {"id": f"msgbatch_{len(self.batches)}", "created": self.now + late, "requests": body["requests"]}
        self.batches.append(batch)
        self.sent.append(body)
        if self.mood in {"killed", "late"}:
            raise Killed
        if self.mood == "unheard":
            return httpx2.Response(500, json={"error": {"type": "api_error"}})
        return httpx2.Response(200, json=self._told(batch))

    def others(self, requests: int) -> None:
        """Somebody else's batch, in the same workspace."""
        theirs = [{"custom_id": f"theirs-{number}", "params": {"messages": []}} for number in range(requests)]
        self.batches.append({"id": f"msgbatch_{len(self.batches)}", "created": self.now, "requests": theirs})

    def _list(self) -> httpx2.Response:
        there = [each for each in self.batches if each["created"] <= self.now]
        newest = sorted(there, key=lambda each: each["created"], reverse=True)
        return httpx2.Response(200, json={"data": [self._told(each) for each in newest], "has_more": False})

    def _told(self, batch: dict[str, Any]) -> dict[str, Any]:
        ended, count = self._has_ended(batch), len(batch["requests"])
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        return {
            "id": batch["id"],
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {**counts, "succeeded" if ended else "processing": count},
            "created_at": batch["created"].isoformat(),
            "expires_at": (batch["created"] + timedelta(hours=24)).isoformat(),
            "ended_at": (batch["created"] + self.takes).isoformat() if ended else None,
            "results_url": f"https://vendor.example/v1/messages/batches/{batch['id']}/results" if ended else None,
        }

    def _has_ended(self, batch: dict[str, Any]) -> bool:
        ended: bool = self.now >= batch["created"] + self.takes
        if ended and batch["id"] not in self._ended:  # paid when it ends, whoever reads it
            self._ended.add(batch["id"])
            for each in batch["requests"]:
                if said(each["params"]) not in self.fates:
                    self.paid[said(each["params"])] += 1
        return ended

    def end_all(self) -> None:
        """What was taken in comes to its end, whether or not anybody looks."""
        for each in self.batches:
            self._has_ended(each)

    def _results(self, batch: dict[str, Any]) -> httpx2.Response:
        if not self._has_ended(batch):
            return httpx2.Response(404, json={"error": {"type": "not_found_error", "message": "in progress"}})
        lines = [
            {"custom_id": each["custom_id"], "result": self.fates.get(said(each["params"])) or _succeeded()}
            for each in reversed(batch["requests"])
        ]
        return httpx2.Response(200, text="".join(json.dumps(line) + "\n" for line in lines))


def said(params: dict[str, Any]) -> str:
    """What a request says in the end."""
    messages = params["messages"]
    if not messages:
        return "theirs"
    text: str = messages[-1]["content"][-1]["text"]
    return text


def _succeeded() -> dict[str, Any]:
    return {"type": "succeeded", "message": _message()}


def _message() -> dict[str, Any]:
    return {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": '{"facts": []}'}],
        "stop_reason": "end_turn",
        "usage": USAGE,
    }
