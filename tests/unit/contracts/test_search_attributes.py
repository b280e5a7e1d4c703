"""The search attributes that the stack registers are those that workflows set."""

import json
from pathlib import Path

from contracts import export

REGISTERED = Path(__file__).parents[3] / "temporal-dev" / "search-attributes.json"


def test_the_stack_registers_what_workflows_set():
    """A name or type that the server doesn't know fails the workflow that sets it."""
    declared = export.document()["search_attributes"]
    assert json.loads(REGISTERED.read_text(encoding="utf-8")) == declared, (
        "contracts/search_attributes.py and temporal-dev/search-attributes.json differ: the stack registers the file"
    )
