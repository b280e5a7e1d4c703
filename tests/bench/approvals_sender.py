"""The people of `approvals`, and those who are none: clicks at the starter's door for Slack, in random order.

It is Slack's API as well, for a refused click is told to the one person who made it (`chat.postEphemeral`). Each
click comes from a channel of its own, so that what is said there is about it.
"""

import asyncio
import hashlib
import hmac
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ops.leaving import leave
from tests.bench.agent import APPROVERS
from tests.bench.job import say
from tests.bench.slack_sender import SIGNING_SECRET

FORGERIES = (
    "bad-signature",
    "old-timestamp",
    "no-approver",
    "other-run",
    "no-such-question",
    "other-arguments",
    "already-decided",
)
UNSIGNED = FORGERIES[:2]
NOT_NOW = "please decide again in a moment"
TRIES = 5
OLD_S = 3600
PATIENCE_S = 30.0
TOLD_S, TOLD_EVERY_S = 20.0, 0.1
"""A refusal is told after the answer."""


@dataclass(frozen=True)
class Asked:
    """A question that waits."""

    approval: str
    run: str
    arguments_hash: str


@dataclass(frozen=True)
class Deciding:
    url: str
    """The starter's."""

    port: int
    """Where this process is Slack's API."""

    questions: str
    """A file of them."""

    forged: int
    lanes: int
    seed: int = 7

    @classmethod
    def from_argument(cls) -> Self:
        return cls(**json.loads(sys.argv[-1]))

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Post:
    """One click. `about`: whose question, `genuine`: the click that really decides it."""

    number: int
    about: Asked
    forgery: str = ""
    genuine: "Post | None" = None
    sent_at: float = 0.0
    took_s: float = 0.0
    status: int = 0
    tries: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def channel(self) -> str:
        return f"C{self.number}"


@dataclass
class Slack:
    """What people were told, by channel."""

    told: dict[str, str] = field(default_factory=dict)

    async def ephemeral(self, request: Request) -> JSONResponse:
        body = (await request.body()).decode()
        form = json.loads(body) if body.startswith("{") else {key: value[0] for key, value in parse_qs(body).items()}
        self.told[form["channel"]] = form["text"]
        return JSONResponse({"ok": True, "message_ts": "1.0"})

    async def other(self, _: Request) -> JSONResponse:
        return JSONResponse({"ok": True, "channel": "C0", "ts": "1.0"})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/chat.postEphemeral", self.ephemeral, methods=["POST"]),
                Route("/{method:path}", self.other, methods=["POST", "GET"]),
            ]
        )


def order(questions: Sequence[Asked], forged: int, seed: int) -> list[Post]:
    """Every question's one good click, and the forged ones among them: mostly before it, where they would do harm."""
    dice = random.Random(seed)
    placed: list[tuple[float, Post]] = []
    for number, asked in enumerate(questions):
        good = Post(number, asked)
        at = dice.random()
        placed.append((at, good))
        if number < forged:
            kind = FORGERIES[number % len(FORGERIES)]
            bad = Post(len(questions) + number, asked, kind, good)
            placed.append((at + dice.random() if kind == "already-decided" else at * dice.random(), bad))
    return [post for _, post in sorted(placed, key=lambda each: each[0])]


def click(post: Post, others: Sequence[Asked]) -> tuple[bytes, dict[str, str]]:
    """The request as Slack would make it, or as somebody would who isn't Slack or may not."""
    about, user, secret, now = post.about, APPROVERS[0], SIGNING_SECRET, time.time()
    value = {"approval": about.approval, "workflow": about.run, "hash": about.arguments_hash}
    match post.forgery:
        case "bad-signature":
            secret = "somebody else's"
        case "old-timestamp":
            now -= OLD_S
        case "no-approver":
            user = "U0MALLORY"
        case "other-run":
            value["workflow"] = next(each.run for each in others if each.run != about.run)
        case "no-such-question":
            value["approval"] = "0" * len(about.approval)
        case "other-arguments":
            value["hash"] = "0" * len(about.arguments_hash)
        case "already-decided":
            user = APPROVERS[1]
    told = {
        "type": "block_actions",
        "user": {"id": user, "username": user.lower()},
        "container": {"channel_id": post.channel, "message_ts": "1.0"},
        "channel": {"id": post.channel},
        "trigger_id": f"{post.number}.{post.tries}",
        "actions": [{"action_id": "farm.approve", "value": json.dumps(value), "action_ts": "1.0"}],
    }
    body = urlencode({"payload": json.dumps(told)}).encode()
    signature = hmac.new(secret.encode(), f"v0:{now:.0f}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": f"{now:.0f}",
        "x-slack-signature": f"v0={signature}",
    }
    return body, headers


@dataclass
class People:
    """Send every click, and a good one again where the person is told that the run couldn't be reached just now."""

    client: httpx.AsyncClient
    slack: Slack
    questions: Sequence[Asked]

    async def send(self, post: Post) -> None:
        if post.forgery == "already-decided" and post.genuine:
            await post.genuine.done.wait()
        while post.tries < TRIES:
            self.slack.told.pop(post.channel, None)
            await self._click(post)
            if post.forgery or not await self._is_to_decide_again(post):
                break
        post.done.set()

    async def _click(self, post: Post) -> None:
        post.tries += 1
        body, headers = click(post, self.questions)
        post.sent_at = post.sent_at or time.time()
        begun = time.perf_counter()
        answer = await self.client.post("/slack/interactions", content=body, headers=headers)
        post.took_s, post.status = max(post.took_s, time.perf_counter() - begun), answer.status_code

    async def _is_to_decide_again(self, post: Post) -> bool:
        """Only an answer that took as long as the starter waits for a run can be one that is told so."""
        if post.took_s < 1:
            return False
        await asyncio.sleep(0.5)
        return NOT_NOW in self.slack.told.get(post.channel, "")


async def main(deciding: Deciding, questions: Sequence[Asked]) -> None:
    posts, slack = order(questions, deciding.forged, deciding.seed), Slack()
    config = uvicorn.Config(slack.app(), host="127.0.0.1", port=deciding.port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    limits = httpx.Limits(max_connections=deciding.lanes)
    async with httpx.AsyncClient(base_url=deciding.url, limits=limits, timeout=PATIENCE_S) as client:
        people, line = People(client, slack, questions), iter(posts)

        async def lane() -> None:
            for post in line:
                await people.send(post)

        await asyncio.gather(*(lane() for _ in range(deciding.lanes)))
    bad = [post for post in posts if post.forgery]
    await _all_told([post for post in bad if post.forgery not in UNSIGNED], slack)
    server.should_exit = True
    await serving
    say(_outcome(posts, bad, slack))


async def _all_told(refused: Sequence[Post], slack: Slack) -> None:
    for _ in range(int(TOLD_S / TOLD_EVERY_S)):
        if all(post.channel in slack.told for post in refused):
            return
        await asyncio.sleep(TOLD_EVERY_S)


def _outcome(posts: Sequence[Post], bad: Sequence[Post], slack: Slack) -> dict[str, Any]:
    good = [post for post in posts if not post.forgery]
    took = sorted(post.took_s for post in posts)
    passed = [post for post in bad if not _is_refused(post, slack)]
    return {
        "sent_at": {post.about.run: post.sent_at for post in good},
        "refused": len(bad) - len(passed),
        "passed": [f"{post.forgery}: {slack.told.get(post.channel, post.status)}" for post in passed],
        "again": sum(post.tries - 1 for post in good),
        "answer_p99_ms": 1000 * took[int(0.99 * (len(took) - 1))],
        "over_3s": sum(seconds > 3 for seconds in took),
    }


def _is_refused(post: Post, slack: Slack) -> bool:
    if post.forgery in UNSIGNED:
        return post.status == 401
    return post.status == 200 and "didn't count" in slack.told.get(post.channel, "")


if __name__ == "__main__":
    told = Deciding.from_argument()
    asked = json.loads(Path(told.questions).read_text(encoding="utf-8"))
    asyncio.run(main(told, [Asked(**each) for each in asked]))
    leave(0)
