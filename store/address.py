"""FARM_STORE_URL as a setting: what the store can't use is refused at a process's start, not at its first use."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from store.engine import store_url
from store.errors import BadStoreUrl


def _usable(url: str) -> str:
    try:
        store_url(url)
    except BadStoreUrl as bad:
        raise PydanticCustomError("store_url", "{why}", {"why": str(bad).removeprefix("FARM_STORE_URL ")}) from bad
    return url


StoreUrl = Annotated[str, AfterValidator(_usable)]
"""`sqlite+aiosqlite:///<file>` or `postgresql+psycopg://...`."""
