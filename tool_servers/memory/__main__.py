"""python -m tool_servers.memory"""

import asyncio

from contracts.environment import read
from store.database import Database
from store.memory import Memory
from store.tool_ledger import ToolLedger
from tool_servers.memory.insights import Insights
from tool_servers.memory.server import build
from tool_servers.memory.settings import Settings
from tool_servers.process import process, serve


async def main(settings: Settings) -> None:
    database = Database(settings.store_url)
    await database.migrate()
    try:
        await serve(build(Insights(Memory(database)), ToolLedger(database)), settings.host, settings.port)
    finally:
        await database.close()


if __name__ == "__main__":
    wanted = read(Settings, "tool server memory")
    with process("memory", wanted.otlp_endpoint):
        asyncio.run(main(wanted))
