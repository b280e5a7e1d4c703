"""The sandbox CRM and the sandbox Slack, as the demo uses them: over HTTP, like everyone else."""

import json
from typing import Any

import httpx

from ops.demo.scenario import Doing
from ops.errors import FarmError

Json = dict[str, Any]

AGENT_USER = 90

FRESH = httpx.Limits(max_keepalive_connections=0)
"""A connection that was kept may be closed in the moment it is used again, and a change isn't to be made twice."""


class Crm:
    """The stand-in for Pipedrive."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False, limits=FRESH)

    async def do(self, doing: Doing) -> Json:
        """Make one change, and get what the CRM answers. FarmError with its own words when it refuses."""
        headers = {"x-api-token": doing.token} if doing.token else {}
        answer = await self._http.request(doing.method, doing.path, json=doing.body, headers=headers)
        if answer.is_error:
            said = f"{answer.status_code} {answer.text[:300]}"
            raise FarmError(f"the sandbox CRM refused {doing.method} {doing.path}: {said}")
        answered: Json = answer.json()
        return answered

    async def changes_by_agent(self, deal: int) -> list[Json]:
        """What the agent changed of a deal, from the CRM's own change log."""
        answer = await self._http.get("/sandbox/changes", params={"deal_id": deal})
        return [change for change in answer.raise_for_status().json()["changes"] if change["user_id"] == AGENT_USER]

    async def changes(self) -> list[Json]:
        """The CRM's whole change log."""
        answer = await self._http.get("/sandbox/changes")
        changes: list[Json] = answer.raise_for_status().json()["changes"]
        return changes

    async def deliveries(self, limit: int = 100_000) -> list[Json]:
        """The webhooks it has sent or will send, the newest first."""
        answer = await self._http.get("/sandbox/deliveries", params={"limit": limit})
        deliveries: list[Json] = answer.raise_for_status().json()["deliveries"]
        return deliveries

    async def mails_sent(self) -> list[Json]:
        """Mails that came through the SMTP door."""
        answer = await self._http.get("/sandbox/outbox")
        mails: list[Json] = answer.raise_for_status().json()["mails"]
        return mails

    async def close(self) -> None:
        await self._http.aclose()


class Slack:
    """The stand-in for Slack."""

    def __init__(self, url: str, channel: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=15, trust_env=False, limits=FRESH)
        self._channel = channel
        self.page = f"{url}/?channel={channel}"

    async def question(self, approval: str) -> str:
        """The `ts` of the message whose buttons decide an approval; empty when it isn't there yet."""
        return (await self.questions()).get(approval, "")

    async def questions(self) -> dict[str, str]:
        """Approval -> `ts` of the message whose buttons decide it, for all that can still be clicked."""
        return {each["approval"]: str(said["ts"]) for said in await self.messages() for each in _buttons(said)}

    async def messages(self) -> list[Json]:
        """Everything said in the channel, oldest first."""
        answer = await self._http.get("/sandbox/messages", params={"channel": self._channel})
        messages: list[Json] = answer.raise_for_status().json()["messages"]
        return messages

    async def click(self, ts: str, user: str, action: str) -> None:
        """Click as a person would. FarmError when the farm didn't take it."""
        order = {"user": user, "channel": self._channel, "ts": ts, "action_id": action}
        reply = (await self._http.post("/sandbox/click", json=order)).json()
        if not reply.get("ok"):
            raise FarmError(f"the click on {action} did not reach the farm: {reply}")

    async def close(self) -> None:
        await self._http.aclose()


def _buttons(message: Json) -> list[Json]:
    """What the farm's buttons in a message carry."""
    elements = [each for block in message.get("blocks") or [] for each in block.get("elements") or []]
    return [json.loads(each["value"]) for each in elements if str(each.get("action_id", "")).startswith("farm.")]
