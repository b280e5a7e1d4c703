"""python -m tool_servers.slack"""

import asyncio

from contracts.environment import read
from store.database import Database
from store.tool_ledger import ToolLedger
from tool_servers.process import process, serve
from tool_servers.slack.server import build
from tool_servers.slack.settings import Settings
from tool_servers.slack.web_api import WebApi, web_client


async def main(settings: Settings) -> None:
    database = Database(settings.store_url)
    await database.migrate()
    slack = WebApi(web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))
    try:
        await serve(build(slack, ToolLedger(database)), settings.host, settings.port)
    finally:
        await database.close()


if __name__ == "__main__":
    wanted = read(Settings, "tool server slack")
    with process("slack", wanted.otlp_endpoint):
        asyncio.run(main(wanted))
