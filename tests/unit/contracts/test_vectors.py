"""Golden values: JSON that every language's worker must read and write alike."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts import export
from contracts.calls import CallSite
from contracts.converter import data_converter
from contracts.effects import arguments_hash, effect_key
from contracts.operations import ACTIVITIES, WORKFLOWS, Operation

FOLDER = Path(__file__).parent / "vectors"
SCHEMAS = json.loads(export.FILE.read_text(encoding="utf-8"))
KEYS = json.loads((FOLDER / "effect_key.json").read_text(encoding="utf-8"))


def operations() -> list[Operation]:
    workflows = [
        each
        for its in WORKFLOWS.values()
        for each in (its.run, *its.signals.values(), *its.updates.values(), *its.queries.values())
    ]
    return [*ACTIVITIES.values(), *workflows]


MODELS = {
    value.__name__: value for each in operations() for value in (each.takes, each.gives) if isinstance(value, type)
}


def vector(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def test_every_value_has_a_vector():
    """What crosses a boundary is shown by an example."""
    assert {file.stem for file in FOLDER.glob("*.json")} >= MODELS.keys()


@pytest.mark.parametrize("name", sorted(MODELS))
async def test_a_vector_comes_through_unchanged(name):
    """Read as Temporal's payload and written again, not a byte of meaning is lost."""
    value = MODELS[name].model_validate_json(vector(name))
    assert value.model_dump(mode="json") == json.loads(vector(name))
    (payload,) = await data_converter.encode([value])
    assert payload.metadata["encoding"] == b"json/plain"
    assert await data_converter.decode([payload], [MODELS[name]]) == [value]


@pytest.mark.parametrize("name", sorted(MODELS))
async def test_what_is_at_its_default_takes_no_room(name):
    """A payload has nothing that its schema says already: a history holds it for ever."""
    value = MODELS[name].model_validate_json(vector(name))
    (payload,) = await data_converter.encode([value])
    assert json.loads(payload.data) == value.model_dump(mode="json", exclude_defaults=True)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_vector_fits_the_published_schema(name):
    """A worker that only has the schemas agrees with us on the examples."""
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMAS["$defs"]}
    Draft202012Validator(schema).validate(json.loads(vector(name)))


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key["tool"])
def test_an_effect_key_is_made_alike_everywhere(key):
    """Canonical JSON and SHA-256 give these digits in any language."""
    site = CallSite.model_validate(key["site"])
    assert arguments_hash(key["arguments"]) == key["arguments_hash"]
    assert effect_key(site, key["tool"], key["arguments"]) == key["effect_key"]
