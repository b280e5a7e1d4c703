"""The store on PostgreSQL's own image, over TCP and with a password, as it is deployed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from store.database import Database
from store.effects import Effects
from store.memory import Fact, Memory
from store.transcripts import Transcripts
from tests.unit.store.samples import NOON, minutes, tool_call

IMAGE = "postgres:18-alpine"

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image_url() -> Iterator[str]:
    require_docker()
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - its import looks for Docker

    with PostgresContainer(IMAGE, driver="psycopg") as container:
        yield container.get_connection_url()


@pytest.fixture(scope="module")
async def db(image_url: str) -> AsyncIterator[Database]:
    database = Database(image_url)
    await database.migrate()
    yield database
    await database.close()


async def test_processes_that_start_at_once_all_find_the_tables(image_url: str) -> None:
    """The advisory lock holds over TCP as it does over a socket."""
    command = [sys.executable, "-m", "store.migrations"]
    environment = os.environ | {"FARM_STORE_URL": image_url}
    processes = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(3)]
    assert [await process.wait() for process in processes] == [0, 0, 0]


async def test_of_many_who_begin_one_effect_one_may_do_it(db: Database) -> None:
    """The guarantee that everything else stands on."""
    begun = await asyncio.gather(*(Effects(db).begin("k", tool_call()) for _ in range(30)))
    assert [one.state for one in begun].count("new") == 1


async def test_a_conversation_is_read_back_from_its_head(db: Database) -> None:
    """Chain, compression and recursive query."""
    head = await Transcripts(db).append("", [{"role": "user", "content": "Bonjour"}])
    head = await Transcripts(db).append(head, [{"role": "assistant", "content": "Oui ?"}])
    assert [message["content"] for message in await Transcripts(db).read(head)] == ["Bonjour", "Oui ?"]


async def test_what_was_true_then_can_be_asked(db: Database) -> None:
    """Moments keep their zone."""
    for at, fact in ((NOON, "Julien signs"), (minutes(60), "his father signs")):
        await Memory(db).remember("deal:42", [Fact(subject="decision maker", fact=fact)], at=at)
    assert [insight.fact for insight in await Memory(db).recall("deal:42", as_of=minutes(30))] == ["Julien signs"]


def require_docker() -> None:
    """Skip with the reason where no engine answers; with REQUIRE_DOCKER=1 that is a failure."""
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415 - only where Docker is wanted

    try:
        docker.from_env(timeout=2).ping()
    except docker.errors.DockerException as error:
        reason = f"no Docker engine answers: {error}"
        if os.environ.get("REQUIRE_DOCKER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
