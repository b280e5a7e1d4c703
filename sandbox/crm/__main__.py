"""`python -m sandbox.crm`: the HTTP door and the SMTP door of the sandbox CRM, until SIGTERM."""

import asyncio
import logging

import uvicorn

from sandbox.crm.app import build_app
from sandbox.crm.crm import Crm
from sandbox.crm.dropbox import smtp_door
from sandbox.crm.records import Records
from sandbox.crm.seed import seed
from sandbox.crm.settings import Settings
from sandbox.crm.webhooks import Subscription, ensure_subscribed

ADMIN = 11


async def run(settings: Settings) -> None:
    crm = Crm(Records(settings.db))
    seed(crm)
    if settings.webhook_url:
        ensure_subscribed(crm, _subscription(settings), ADMIN)
    app = build_app(crm, rate_limit=settings.rate_limit, webhook_retries=settings.webhook_retries)
    config = uvicorn.Config(
        app, settings.host, settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    async with smtp_door(crm, settings.host, settings.smtp_port):
        await uvicorn.Server(config).serve()
    crm.records.close()


def _subscription(settings: Settings) -> Subscription:
    return Subscription(
        name="stack",
        subscription_url=settings.webhook_url,
        event_action="*",
        event_object="*",
        http_auth_user=settings.webhook_username,
        http_auth_password=settings.webhook_password,
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("httpx", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    asyncio.run(run(Settings()))


if __name__ == "__main__":
    main()
