from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, create_engine, inspect, select, text

from store.engine import store_url
from store.migrations.upgrade import config, upgrade_to_head
from store.tables import Base, BlobRow

ADVICE = "store/tables.py and the migrations differ: add a migration (`python -m store.migrations '<what changes>'`)"


@pytest.fixture
def connection(bare_url: str) -> Iterator[Connection]:
    url = store_url(bare_url)
    engine = create_engine(url.set(drivername=url.drivername.removesuffix("+aiosqlite")))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_models_declare(connection: Connection) -> None:
    """Nobody changes a table without a migration."""
    upgrade_to_head(connection)
    assert differences(connection, Base.metadata) == [], ADVICE


def test_a_forgotten_migration_is_seen(connection: Connection) -> None:
    """The test above is not vacuous: a column that no migration adds is a difference."""
    upgrade_to_head(connection)
    changed = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["runs"].append_column(Column("forgotten", Integer))
    assert [difference[0] for difference in differences(connection, changed)] == ["add_column"]


def test_the_migrations_can_be_taken_back(connection: Connection) -> None:
    """Down to nothing, and up again."""
    upgrade_to_head(connection)
    command.downgrade(config(connection), "base")
    assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade_to_head(connection)


def test_a_text_of_before_counts_as_put_now(connection: Connection) -> None:
    """A store that is migrated loses none of its texts to the next sweep: a run in flight may need any."""
    command.upgrade(config(connection), "0004")
    connection.execute(text("INSERT INTO blobs (ref, body) VALUES ('a', :body)"), {"body": b"x"})
    upgrade_to_head(connection)
    (put,) = connection.execute(select(BlobRow.recorded_at)).scalars()
    assert datetime.now(UTC) - put < timedelta(minutes=1)


def differences(connection: Connection, models: MetaData) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = compare_metadata(MigrationContext.configure(connection), models)
    return found
