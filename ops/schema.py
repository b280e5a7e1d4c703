"""`python -m ops.schema`: bring the store's schema up to date, and end. Runs before the parts that use the store."""

import asyncio
import os

from contracts.secret_files import value_of
from store.database import Database


async def migrate(url: str) -> None:
    database = Database(url)
    try:
        await database.migrate()
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(migrate(value_of("FARM_STORE_URL", os.environ)))
