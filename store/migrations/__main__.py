"""`python -m store.migrations`: bring the store of FARM_STORE_URL up to date.

`python -m store.migrations new "<what changes>"`: write a migration for what changed in `store/tables.py`.
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from contracts.secret_files import UnusableSettingError, value_of
from store.database import Database
from store.errors import BadStoreUrl
from store.migrations.upgrade import config, upgrade_to_head


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            asyncio.run(_upgrade())
        case ["new", what]:
            _write_new(what)
        case _:
            sys.exit(__doc__)


async def _upgrade() -> None:
    try:
        db = Database(value_of("FARM_STORE_URL", os.environ))
    except (BadStoreUrl, UnusableSettingError) as bad:
        sys.exit(str(bad))
    await db.migrate()
    await db.close()


def _write_new(what: str) -> None:
    """Compare the tables as declared with those that the migrations make in a scratch database."""
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'scratch.db'}")
        with engine.begin() as connection:
            upgrade_to_head(connection)
            settings = config(connection)
            written = len(list(ScriptDirectory.from_config(settings).walk_revisions()))
            command.revision(settings, what, autogenerate=True, rev_id=f"{written + 1:04}")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
