"""python -m tool_servers.slack"""

import asyncio
import logging

from store.database import Database
from store.tool_ledger import ToolLedger
from tool_servers.slack.server import build
from tool_servers.slack.settings import Settings
from tool_servers.slack.web_api import WebApi, web_client


async def serve(settings: Settings) -> None:
    database = Database(settings.store_url)
    await database.migrate()
    slack = WebApi(web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))
    server = build(slack, ToolLedger(database))
    try:
        await server.run_http_async(
            host=settings.host,
            port=settings.port,
            path="/mcp",
            stateless_http=True,
            show_banner=False,
            uvicorn_config={"log_config": None, "access_log": False, "timeout_graceful_shutdown": 3},
        )
    finally:
        await database.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(serve(Settings()))
