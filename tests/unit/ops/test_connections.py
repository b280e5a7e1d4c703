"""Where the records are, and what is said when they can't be read."""

from pathlib import Path

import pytest

from ops.connections import Addresses, records
from ops.errors import FarmError
from store.story import runs_matching


def at(url: str) -> Addresses:
    return Addresses(store_url=url, temporal_address="")


async def test_address_that_is_none() -> None:
    """A FARM_STORE_URL that is no address is told in a sentence, with what one looks like."""
    with pytest.raises(FarmError, match="FARM_STORE_URL is no database URL; give sqlite"):
        async with records(at("bogus")):
            pass


async def test_database_that_is_not_the_farms(tmp_path: Path) -> None:
    """A database without the farm's tables is told in a sentence too, with the database's own words."""
    with pytest.raises(FarmError, match=r"the farm's records can't be read: .*no such table"):
        async with records(at(f"sqlite+aiosqlite:///{tmp_path}/other.db")) as db:
            await runs_matching(db, "deal:42")
