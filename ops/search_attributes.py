"""`python -m ops.search_attributes`: make the farm's search attributes known to Temporal, and end.

Runs before the parts that use Temporal, whoever's it is. Does nothing where they are known already, so that it needs
no permission there.
"""

import asyncio
import os
import time
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType, SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from contracts.search_attributes import ALL
from ops.connections import Addresses, temporal
from ops.errors import FarmError
from ops.leaving import carry_out

KNOWN_WITHIN = 30.0
"""Seconds that a server may take to use what it was told; its caches are refreshed about every ten."""

EXAMPLES = {
    SearchAttributeIndexedValueType.KEYWORD: "'x'",
    SearchAttributeIndexedValueType.DOUBLE: "1.5",
    SearchAttributeIndexedValueType.BOOL: "true",
}


async def register(client: Client) -> None:
    """FarmError, with the commands for somebody who may, where the server refuses or knows them with other types."""
    if not await complaint(client):
        return
    for key in ALL:
        await _add(client, key)
    deadline = time.monotonic() + KNOWN_WITHIN
    while said := await complaint(client):
        if time.monotonic() > deadline:
            raise _not_there(client, said)
        await asyncio.sleep(0.2)


async def complaint(client: Client) -> str:
    """What the server says against a query that names them all: empty where each is known, with its type."""
    query = " AND ".join(f"{key.name} = {EXAMPLES[key.indexed_value_type]}" for key in ALL)
    try:
        await client.count_workflows(query)
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return error.message
        raise
    return ""


async def _add(client: Client, key: SearchAttributeKey[Any]) -> None:
    kind = IndexedValueType.ValueType(key.indexed_value_type.value)
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes={key.name: kind})
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise _not_there(client, error.message) from error


def _not_there(client: Client, said: str) -> FarmError:
    where = f"--namespace {client.namespace} --address {client.service_client.config.target_host}"
    return FarmError(
        f"Temporal does not know the farm's search attributes, and they can't be added: {said}",
        "Have somebody add them who may, each with its type:",
        *(f"temporal operator search-attribute create {where} --name {key.name} --type {kind(key)}" for key in ALL),
    )


def kind(key: SearchAttributeKey[Any]) -> str:
    """A type as Temporal's command line spells it: `Keyword`, `Double`, `Bool`."""
    return key.indexed_value_type.name.title()


async def _main() -> None:
    await register(await temporal(Addresses(store_url="", temporal_address=os.environ["TEMPORAL_ADDRESS"])))


if __name__ == "__main__":
    carry_out(_main())
