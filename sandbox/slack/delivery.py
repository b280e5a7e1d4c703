"""Signed interactions on their way to the app, once: Slack does not repeat them."""

import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

Json = dict[str, Any]

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
"""docs.slack.dev/interactivity/handling-user-interaction: an app has three seconds to acknowledge."""


@dataclass(frozen=True)
class Delivery:
    """What came of one interaction. `status` is 0 where no app answered; `trouble` says why, for people."""

    status: int
    reply: Json
    trouble: str = ""


class Deliveries:
    def __init__(self, http: httpx.AsyncClient, url: str, signing_secret: str) -> None:
        self._http = http
        self._url = url
        self._secret = signing_secret

    async def send(self, payload: Json) -> Delivery:
        if not self._url:
            return Delivery(0, {}, "No app listens: SANDBOX_SLACK_INTERACTIONS_URL is not set.")
        body = urlencode({"payload": json.dumps(payload)}).encode()
        try:
            answer = await self._http.post(
                self._url, content=body, headers=self._headers(body), timeout=PATIENCE_SECONDS
            )
        except httpx.TimeoutException:
            delivery = Delivery(0, {}, f"The app at {self._url} did not answer within three seconds.")
        except httpx.HTTPError as error:
            delivery = Delivery(0, {}, f"The app at {self._url} can't be reached ({type(error).__name__}).")
        else:
            delivery = _read(answer)
        log.info("%s of %s -> %s %s", payload["type"], payload["user"]["id"], delivery.status, delivery.trouble)
        return delivery

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """docs.slack.dev/authentication/verifying-requests-from-slack: v0, HMAC-SHA256 in hex."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def _read(answer: httpx.Response) -> Delivery:
    trouble = "" if answer.is_success else f"The app answered {answer.status_code}."
    try:
        reply = answer.json() if answer.content else {}
    except ValueError:
        reply = {}
    return Delivery(answer.status_code, reply if isinstance(reply, dict) else {}, trouble)
