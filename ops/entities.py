"""The long-lived workflow of an entity, found by what a person calls it, and what it waits for."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from contracts.search_attributes import WAITING_FOR
from ops.connections import Addresses, records, temporal
from ops.errors import FarmError
from store.story import runs_matching
from workflows.registry import agent

GLANCE = timedelta(seconds=2)


async def entity_workflow(what: str, where: Addresses) -> str:
    """`deal:42` -> `sales:deal:42`, by the runs on record; empty where none of an agent's own entity is."""
    async with records(where) as db:
        found = await runs_matching(db, what)
    return next((f"{run.agent}:{run.entity}" for run in found if agent(run.agent).entity_workflow), "")


async def waits_for(entity: str, where: Addresses) -> str:
    """As the Temporal UI shows it, so no worker is needed; empty where Temporal is away or knows no such workflow."""
    try:
        client: Client = await temporal(where)
        found = await client.get_workflow_handle(entity).describe(rpc_timeout=GLANCE)
    except (FarmError, RPCError):
        return ""
    return found.typed_search_attributes.get(WAITING_FOR) or ""
