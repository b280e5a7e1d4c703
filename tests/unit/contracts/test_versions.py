"""Values that one version of the code writes and another reads."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from contracts.events import Event
from contracts.frozen import Lasting
from contracts.operations import WORKFLOWS
from contracts.workflows import EntityState, RunState

SAME_VERSION = {RunState}
"""A run's own, from one of its histories to the next: a run ends on the version that it began on."""

EVENT = {"id": "e1", "source": "slack", "kind": "message", "entity": {"kind": "deal", "id": "42"}}


def crossing() -> Iterator[Any]:
    """What comes into a workflow, or back from one, by a process that may be of another version."""
    for its in WORKFLOWS.values():
        for each in (its.run, *its.signals.values(), *its.updates.values()):
            yield from (each.takes, each.gives)


def models(of: Any) -> Iterator[type[BaseModel]]:
    """A model and all that is in it."""
    if isinstance(of, type) and issubclass(of, BaseModel):
        if of in SAME_VERSION:
            return
        yield of
        for field in of.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(of):
        yield from models(inner)


LASTING = sorted({model for value in crossing() for model in models(value)}, key=lambda model: model.__name__)


@pytest.mark.parametrize("model", LASTING, ids=lambda model: model.__name__)
def test_what_crosses_versions_is_lasting(model):
    """A workflow of last week takes what today's starter, CLI or pool sends: derive such a value from `Lasting`."""
    assert issubclass(model, Lasting)


def test_there_are_such_values():
    """Or the test above would hold of nothing."""
    assert {"Event", "EntityRef", "Decision", "EntityState", "Limits"} <= {model.__name__ for model in LASTING}


def test_an_entitys_state_goes_back_with_a_deploy_that_is_taken_back():
    """A field that the older code doesn't know is left out, at any depth, and the rest is read."""
    newer = {
        "agent": "sales",
        "entity": {"kind": "deal", "id": "42"},
        "runs": 7,
        "mood": "good",
        "pending": [{**EVENT, "occurred_at": "2026-03-02T09:00:00Z", "weight": 3}],
    }
    state = EntityState.model_validate(newer)
    assert (state.runs, state.pending[0].id) == (7, "e1")


def test_a_required_field_is_still_required():
    """Leaving out what isn't known is no leave to send less."""
    with pytest.raises(ValueError, match="entity"):
        Event.model_validate({"id": "e1", "source": "slack", "kind": "message", "occurred_at": "2026-03-02T09:00:00Z"})
