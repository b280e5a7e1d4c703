"""The sender that is Slack, for `intake`: events, commands and clicks in turn, so many a second whatever comes back."""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from tests.bench.job import say

SIGNING_SECRET = "bench-signing-secret"
LATEST_S = 3.0
"""Slack gives up then."""

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Chatter:
    """What the sender is told. `url`: the starter's, without a path."""

    url: str
    seconds: float
    per_s: float
    first_deal: int

    @classmethod
    def from_argument(cls) -> Self:
        return cls(**json.loads(sys.argv[-1]))

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


async def main(chatter: Chatter) -> None:
    kinds = list(islice(cycle(("events", "commands", "interactions")), int(chatter.seconds * chatter.per_s)))
    async with httpx.AsyncClient(base_url=chatter.url, timeout=PATIENCE_S) as client:
        sending = []
        for number, kind in enumerate(kinds):
            sending.append(asyncio.create_task(_send(client, kind, chatter.first_deal + number)))
            await asyncio.sleep(1 / chatter.per_s)
        answers = await asyncio.gather(*sending)
    took = sorted(seconds for seconds, _, _ in answers)
    say(
        {
            "sent": len(kinds),
            "p99_ms": 1000 * took[int(0.99 * (len(took) - 1))],
            "over_3s": sum(seconds > LATEST_S for seconds in took),
            "refused": sum(not good for _, good, _ in answers),
            "taken": [event for _, _, event in answers if event],
            "outcomes": Counter(
                f"{kind} {'well' if good else 'refused'}" for kind, (_, good, _) in zip(kinds, answers, strict=True)
            ),
        }
    )


async def _send(client: httpx.AsyncClient, kind: str, deal: int) -> tuple[float, bool, str]:
    """Seconds, whether it was answered as it should be, and the id of the event that was taken in, if any."""
    body, content_type = _said(kind, deal)
    now = str(int(time.time()))
    signature = hmac.new(SIGNING_SECRET.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": now,
        "x-slack-signature": f"v0={signature}",
    }
    begun = time.perf_counter()
    answer = await client.post(f"/slack/{kind}", content=body, headers=headers)
    took = time.perf_counter() - begun
    heard = kind == "commands" and "Heard" in answer.text
    good = answer.is_success and (heard or kind != "commands")
    return took, good, _event(kind, deal) if good else ""


def _event(kind: str, deal: int) -> str:
    """As the starter calls it."""
    return {"events": f"Ev{deal}", "commands": f"command:{deal}.1"}.get(kind, "")


def _said(kind: str, deal: int) -> tuple[bytes, str]:
    words = f"deal:{deal} the client called"
    if kind == "events":
        event = {"type": "app_mention", "user": "U0CLAIRE", "text": words, "ts": f"{deal}.0", "channel": "C0SALES"}
        told: dict[str, Any] = {"type": "event_callback", "event_id": f"Ev{deal}", "team_id": "T0", "event": event}
        return json.dumps(told).encode(), "application/json"
    if kind == "commands":
        form = {"command": "/farm", "text": words, "user_id": "U0TOM", "trigger_id": f"{deal}.1"}
    else:
        value = json.dumps({"approval": f"a{deal}", "workflow": f"sales:deal:{deal}/run-1"})
        click = {
            "type": "block_actions",
            "user": {"id": "U0TOM", "username": "tom"},
            "container": {"channel_id": "C0SALES", "message_ts": f"{deal}.2"},
            "trigger_id": f"{deal}.3",
            "actions": [{"action_id": "farm.approve", "value": value}],
        }
        form = {"payload": json.dumps(click)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


if __name__ == "__main__":
    asyncio.run(main(Chatter.from_argument()))
