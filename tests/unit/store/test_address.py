from typing import Any

import pytest
from pydantic import Field

from contracts.environment import Environment, read
from store.address import StoreUrl


class Settings(Environment):
    store_url: StoreUrl = Field(validation_alias="FARM_STORE_URL")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://farm:hunter2@db/farm", "FARM_STORE_URL: asks for 'mysql', which the store can't use; give "),
        ("farm:hunter2", "FARM_STORE_URL: is no database URL; give "),
        ("sqlite+aiosqlite://", "FARM_STORE_URL: names no file, "),
    ],
)
def test_a_process_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    """Before anything is opened, without a traceback, and without the password."""
    monkeypatch.setenv("FARM_STORE_URL", url)
    with pytest.raises(SystemExit) as ended:
        read(Settings, "worker")
    assert str(ended.value).startswith(f"worker: wrong environment\n{why}")
    assert "hunter2" not in str(ended.value)


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///.farm/farm.db", "postgresql+psycopg://farm:pw@db/farm"])
def test_what_the_store_can_use_is_kept_as_it_was_given(monkeypatch: pytest.MonkeyPatch, url: Any) -> None:
    """Both databases."""
    monkeypatch.setenv("FARM_STORE_URL", url)
    assert Settings().store_url == url
