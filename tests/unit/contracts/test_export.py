"""The reference for workers in other languages."""

import json

from jsonschema import Draft202012Validator

from contracts import export, names, search_attributes
from contracts.operations import ACTIVITIES

DOCUMENT = json.loads(export.FILE.read_text(encoding="utf-8"))


def test_the_committed_reference_is_current():
    """What other languages read is what the code says."""
    assert export.text() == export.FILE.read_text(encoding="utf-8"), (
        f"contracts/ and {export.FILE.name} differ. A worker in another language reads the file, so first see whether "
        "what is running now could still read the new values: a new field needs a default, and a name or a type that "
        "changed needs a new field beside the old one. Then write the file again and commit it:\n"
        "    python -m contracts.export"
    )


def test_the_reference_is_a_json_schema():
    """Any JSON Schema library can load it."""
    Draft202012Validator.check_schema(DOCUMENT)


def test_every_reference_leads_somewhere():
    """No `$ref` of the document is broken."""
    for ref in set(references(DOCUMENT)):
        assert ref.removeprefix("#/$defs/") in DOCUMENT["$defs"], ref


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_names_are_patterns():
    """Names that depend on agent and entity are shown with their blanks."""
    assert DOCUMENT["names"]["task_queue"] == "agent-<agent>"
    assert DOCUMENT["names"]["entity_workflow_id"] == "<agent>:<kind>:<id>"
    assert DOCUMENT["names"]["run_workflow_id"] == "<entity workflow id>/run-<number>"


def test_every_name_is_in_the_reference():
    """A constant added to `contracts.names` doesn't stay a secret of the Python side."""
    spelled = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
    text = json.dumps(DOCUMENT)
    assert {value for value in spelled if value not in text} == set()


def test_search_attributes_have_their_server_types():
    """The types are written as the `temporal` command takes them."""
    assert DOCUMENT["search_attributes"].keys() == {key.name for key in search_attributes.ALL}
    assert DOCUMENT["search_attributes"]["CostUsd"] == "Double"


def test_every_activity_is_described():
    """Input and output, or null where there is none."""
    assert DOCUMENT["activities"].keys() == ACTIVITIES.keys()
    assert DOCUMENT["activities"]["record_run"] == {"input": {"$ref": "#/$defs/RunRecord"}, "output": None}
