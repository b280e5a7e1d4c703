import pytest

from store.engine import open_engine, store_url
from store.errors import BadStoreUrl


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///farm.db", "sqlite+aiosqlite"),
        ("postgres://farm@db/farm", "postgresql+psycopg"),
        ("postgresql://farm@db/farm", "postgresql+psycopg"),
    ],
)
def test_a_url_without_a_driver_gets_ours(given: str, driver: str) -> None:
    """What a hosting service hands out as a database URL works as it is."""
    assert store_url(given).drivername == driver


@pytest.mark.parametrize("url", ["", "farm.db", "mysql://db/farm", "sqlite://", "sqlite+aiosqlite:///:memory:"])
def test_a_url_the_store_cannot_use_is_refused(url: str) -> None:
    """The error names the setting and shows what to write instead."""
    with pytest.raises(BadStoreUrl, match=r"FARM_STORE_URL .*; give sqlite\+aiosqlite:///<file> or postgresql"):
        store_url(url)


def test_a_refused_url_keeps_its_password_to_itself() -> None:
    """An error about the URL can be logged."""
    with pytest.raises(BadStoreUrl) as refused:
        store_url("mysql://farm:hunter2@db/farm")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("asked", "seconds"), [("", "10"), ("?connect_timeout=3", "3")])
def test_a_database_whose_machine_is_gone_is_given_up_within_seconds(asked: str, seconds: str) -> None:
    """The system's own patience is two minutes; what the URL says wins."""
    engine = open_engine(store_url(f"postgresql://farm@db/farm{asked}"))
    assert engine.url.query["connect_timeout"] == seconds
