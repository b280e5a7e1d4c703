from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, create_engine, inspect, select, text

from store.engine import store_url
from store.migrations.upgrade import config, upgrade_to_head
from store.tables import Base, BlobRow, DeadLetterRow

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
    """A migrated store loses no text to the next sweep; and a worker of the version before can still put one."""
    put = text("INSERT INTO blobs (ref, body) VALUES (:ref, :body)")
    command.upgrade(config(connection), "0004")
    connection.execute(put, {"ref": "a", "body": b"x"})
    upgrade_to_head(connection)
    connection.execute(put, {"ref": "b", "body": b"y"})
    moments = connection.execute(select(BlobRow.recorded_at)).scalars().all()
    assert len(moments) == 2
    assert all(abs(datetime.now(UTC) - each) < timedelta(minutes=1) for each in moments)


def test_a_run_that_was_given_up_before_has_a_dead_letter(connection: Connection) -> None:
    """What a person was to find in the runs before waits in the list; what failed once and was done isn't there."""
    columns = "run, agent, entity, status, phase, started_at, at, trace_id, reason, cost_usd, events, report"
    put = text(
        f"INSERT INTO runs ({columns}) VALUES (:run, 'sales', 'deal:42', 'failed', :phase, :at, :at, '', 'no key', 0,"
        """ '[{"id": "e1"}]', '{}')"""
    )
    command.upgrade(config(connection), "0003")
    at = "2026-11-23 12:00:00.000000+00:00"
    for run, phase in (("sales:deal:42/run-1", "dead-letter"), ("sales:deal:42/run-2", "failed")):
        connection.execute(put, {"run": run, "phase": phase, "at": at})
    upgrade_to_head(connection)
    row = connection.execute(select(DeadLetterRow.run, DeadLetterRow.events, DeadLetterRow.state)).one()
    assert tuple(row) == ("sales:deal:42/run-1", [{"id": "e1"}], "waiting")
    assert connection.execute(select(DeadLetterRow.at)).scalar_one() == datetime(2026, 11, 23, 12, tzinfo=UTC)


def differences(connection: Connection, models: MetaData) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = compare_metadata(MigrationContext.configure(connection), models)
    return found
