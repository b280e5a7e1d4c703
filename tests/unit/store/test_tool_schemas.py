import json

from contracts.agents import Kit
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.tool_schemas import ToolSchemas
from tests.unit.store.samples import RUN

SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}
DEFINITIONS = json.dumps([{"name": "crm__send_mail", "description": "Send", "input_schema": SCHEMA}])


async def test_a_tools_schema_is_the_one_that_its_run_has_pinned(db: Database) -> None:
    """By the name that the model has for it; what the run has no tool for has no schema."""
    await Kits(db).record(RUN, Kit(prompts={}, toolset=await Blobs(db).put(DEFINITIONS)), {})
    schemas = ToolSchemas(db)
    assert await schemas.of(RUN, "crm__send_mail") == SCHEMA
    assert await schemas.of(RUN, "farm__extend_budget") is None


async def test_a_run_whose_kit_is_gone_has_no_schemas(db: Database) -> None:
    """Never recorded, or its definitions are no longer stored."""
    await Kits(db).record(RUN, Kit(prompts={}, toolset="b" * 64), {})
    schemas = ToolSchemas(db)
    assert await schemas.of(RUN, "crm__send_mail") is None
    assert await schemas.of("sales:deal:7/run-1", "crm__send_mail") is None
