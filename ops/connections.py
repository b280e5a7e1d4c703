"""Where a stack's store and its Temporal are, and how to reach them.

The environment wins (`FARM_STORE_URL`, `TEMPORAL_ADDRESS`: a stack that runs elsewhere); else it is the embedded stack
of this checkout that runs, or ran last.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError, ProgrammingError
from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from contracts.converter import data_converter
from contracts.secret_files import UnusableSettingError, value_of
from ops.errors import FarmError
from ops.stack import state
from store.database import Database
from store.errors import BadStoreUrl


@dataclass(frozen=True)
class Addresses:
    """A stack, as a verb needs it."""

    store_url: str
    temporal_address: str


def addresses(instance: str) -> Addresses:
    """FarmError where neither the environment nor an instance says."""
    store_url, temporal = _store_url(), os.environ.get("TEMPORAL_ADDRESS", "")
    if store_url and temporal:
        return Addresses(store_url, temporal)
    now = state.load(state.chosen(instance))
    if now is None:
        raise FarmError("no stack was ever started here", "Start one, or set FARM_STORE_URL and TEMPORAL_ADDRESS.")
    return Addresses(store_url or now.store_url, temporal or now.temporal_address)


def _store_url() -> str:
    try:
        return value_of("FARM_STORE_URL", os.environ)
    except UnusableSettingError as error:
        raise FarmError(str(error)) from error


@asynccontextmanager
async def records(where: Addresses) -> AsyncIterator[Database]:
    """The farm's own records. They can be read while nothing runs. FarmError where there are none to read."""
    try:
        database = Database(where.store_url)
    except BadStoreUrl as error:
        raise FarmError(str(error)) from error
    try:
        yield database
    except (OperationalError, ProgrammingError) as error:
        raise FarmError(f"the farm's records can't be read: {error.orig}", "Is FARM_STORE_URL right?") from error
    finally:
        await database.close()


async def temporal(where: Addresses, *, lazy: bool = False) -> Client:
    """A client with the SDK's own settings (namespace, TLS, key) from the environment. FarmError if none answers.

    `lazy`: nobody is asked before the first call.
    """
    config = ClientConfig.load_client_connect_config()
    config["target_host"] = where.temporal_address
    try:
        return await Client.connect(**config, lazy=lazy, data_converter=data_converter)
    except RuntimeError as error:
        raise FarmError(
            f"no Temporal answers at {where.temporal_address}: {error}",
            "Does the stack run? ./farm status shows it, ./farm up starts it.",
        ) from error
