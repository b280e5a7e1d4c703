"""`python -m contracts.export` writes `docs/reference/contracts.json`: what a worker in any language must know.

Names, and the JSON Schema of each value that crosses a boundary: in validation mode for what is taken, in
serialization mode for what is given. Payloads are plain JSON (`json/plain`), moments and spans of time ISO 8601.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import JsonValue, TypeAdapter

from contracts import names, search_attributes
from contracts.events import EntityRef
from contracts.operations import ACTIVITIES, WORKFLOWS, Operation, WorkflowOperations

FILE = Path(__file__).parents[1] / "docs" / "reference" / "contracts.json"
ABOUT = "What crosses a process boundary in Farmstead. Written by `python -m contracts.export`; don't edit."

Schemas = Mapping[tuple[Any, Any], Any]


def document() -> dict[str, JsonValue]:
    """The whole reference. It is a JSON Schema document too: each `$ref` points into its `$defs`."""
    schemas, definitions = TypeAdapter.json_schemas(_wanted(_operations()))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": ABOUT,
        "names": _names(),
        "search_attributes": {key.name: _type_name(key.indexed_value_type.name) for key in search_attributes.ALL},
        "activities": _described(ACTIVITIES, schemas),
        "workflows": {kind: _workflow(its, schemas) for kind, its in WORKFLOWS.items()},
        "$defs": definitions["$defs"],
    }


def text() -> str:
    """The reference as it stands in the file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _operations() -> Iterable[Operation]:
    yield from ACTIVITIES.values()
    for its in WORKFLOWS.values():
        yield from (its.run, *its.signals.values(), *its.updates.values(), *its.queries.values())


def _wanted(operations: Iterable[Operation]) -> list[tuple[Any, Any, TypeAdapter[Any]]]:
    wanted: dict[tuple[str, str], TypeAdapter[Any]] = {}
    for each in operations:
        for value, mode in ((each.takes, "validation"), (each.gives, "serialization")):
            if value is not None:
                wanted[str(value), mode] = TypeAdapter(value)
    return [(value, mode, adapter) for (value, mode), adapter in wanted.items()]


def _names() -> dict[str, JsonValue]:
    entity = EntityRef.model_construct(kind="<kind>", id="<id>")
    return {
        "task_queue": names.task_queue("<agent>"),
        "entity_workflow_id": names.entity_workflow_id("<agent>", entity),
        "run_workflow_id": names.run_workflow_id("<entity workflow id>", 1).replace("1", "<number>"),
        "sub_run_workflow_id": names.sub_run_workflow_id("<run workflow id>", "<step>", "<agent>"),
        "fork_workflow_id": names.fork_workflow_id(1, "<run workflow id>").replace("1", "<number>"),
        "later_part_id": names.later_part_id("<run workflow id>", "<phase>"),
        "collector_id": names.collector_id("<agent>"),
        "collector_workflow_type": names.COLLECTOR,
        "schedule_id": names.schedule_id("<agent>", "<schedule>"),
        "tick_workflow_type": names.TICK,
        "model_tool_name": names.model_tool_name("<server>", "<tool>"),
        "request_meta": {
            "effect_key": names.META_EFFECT_KEY,
            "agent": names.META_AGENT,
            "entity": names.META_ENTITY,
            "run": names.META_RUN,
            "hop": names.META_HOP,
        },
        "tool_meta": {
            "once": names.META_ONCE,
            "quick": names.META_QUICK,
            "reconcile": names.META_RECONCILE,
            "outside": names.META_OUTSIDE,
        },
        "farm_tools": {
            "set_follow_up": names.SET_FOLLOW_UP,
            "cancel_follow_up": names.CANCEL_FOLLOW_UP,
            "load_skill": names.LOAD_SKILL,
            "extend_budget": names.EXTEND_BUDGET,
            "ask_person": names.ASK_PERSON,
            "release": names.RELEASE,
            "delegate": names.DELEGATE,
        },
    }


def _workflow(its: WorkflowOperations, schemas: Schemas) -> dict[str, JsonValue]:
    return {
        **_operation(its.run, schemas),
        "signals": _described(its.signals, schemas),
        "updates": _described(its.updates, schemas),
        "queries": _described(its.queries, schemas),
    }


def _described(operations: Mapping[str, Operation], schemas: Schemas) -> dict[str, JsonValue]:
    return {name: _operation(each, schemas) for name, each in operations.items()}


def _operation(each: Operation, schemas: Schemas) -> dict[str, JsonValue]:
    return {
        "input": schemas[str(each.takes), "validation"] if each.takes else None,
        "output": schemas[str(each.gives), "serialization"] if each.gives else None,
    }


def _type_name(name: str) -> str:
    """`KEYWORD_LIST` as the `temporal` command writes it: `KeywordList`."""
    return name.title().replace("_", "")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
