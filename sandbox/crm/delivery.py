"""The background task that posts webhooks and repeats them as the vendor documents.

Any answer but 2xx, and none within 10 seconds, is a failure; then three more attempts
(pipedrive.readme.io/docs/guide-for-webhooks-v2, "Retry logic": after 3, 30 and 150 seconds). Not imitated: the
ban after ten failed first attempts, and the deletion of a webhook after three days without a success.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

import httpx

from sandbox.crm.crm import Crm
from sandbox.crm.queue import Delivery

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
AT_ONCE = 16


class Postman:
    """Delivers what is due, different entities side by side, the events of one entity one after another."""

    def __init__(self, crm: Crm, http: httpx.AsyncClient, retries: Sequence[float]) -> None:
        self._crm = crm
        self._http = http
        self._retries = tuple(retries)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._crm.queue.news.clear()
            heads = self._crm.queue.heads()
            due = [delivery for delivery, at in heads if at <= time.time()][:AT_ONCE]
            if due:
                await asyncio.gather(*(self._deliver(delivery) for delivery in due))
            else:
                await self._sleep_until(min((at for _, at in heads), default=None))

    async def _sleep_until(self, at: float | None) -> None:
        try:
            async with asyncio.timeout(None if at is None else max(at - time.time(), 0.01)):
                await self._crm.queue.news.wait()
        except TimeoutError:
            return

    async def _deliver(self, delivery: Delivery) -> None:
        status = await self._post(delivery)
        where = f"webhook {delivery.webhook_id} {delivery.entity} attempt {delivery.attempt + 1}"
        if status.startswith("2"):
            self._crm.queue.settle(delivery, "delivered", status)
        elif delivery.attempt < len(self._retries):
            wait = self._retries[delivery.attempt]
            log.warning("%s: %s, again in %g s", where, status, wait)
            self._crm.queue.postpone(delivery, time.time() + wait, status)
        else:
            log.error("%s: %s, given up", where, status)
            self._crm.queue.settle(delivery, "failed", status)

    async def _post(self, delivery: Delivery) -> str:
        """The status of the answer as text, or the name of what went wrong."""
        webhook = self._crm.records.get("webhook", delivery.webhook_id)
        if webhook is None:
            return "webhook deleted"
        meta = {**delivery.payload["meta"], "attempt": delivery.attempt + 1}
        user, password = webhook["http_auth_user"], webhook["http_auth_password"]
        try:
            answer = await self._http.post(
                webhook["subscription_url"],
                json={**delivery.payload, "meta": meta},
                auth=httpx.BasicAuth(user, password) if user else httpx.USE_CLIENT_DEFAULT,
                timeout=TIMEOUT_SECONDS,
            )
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)
