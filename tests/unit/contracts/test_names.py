"""Names that processes must spell alike."""

import pytest
from pydantic import ValidationError

from contracts import names
from contracts.events import EntityRef

DEAL = EntityRef(kind="deal", id="42")


def test_an_agent_has_its_own_queue():
    """The pool's queue is found from the agent's name."""
    assert names.task_queue("sales") == "agent-sales"


def test_an_entity_has_one_workflow():
    """The same entity always gives the same id, so a second start finds the first."""
    assert names.entity_workflow_id("sales", DEAL) == "sales:deal:42"


def test_a_run_is_named_below_its_entity():
    """A run's id tells whose run it is, and the how manieth."""
    assert names.run_workflow_id("sales:deal:42", 3) == "sales:deal:42/run-3"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("crm__add_note", ("crm", "add_note")),
        ("crm__strange__tool", ("crm", "strange__tool")),
        ("alone", ("", "alone")),
    ],
)
def test_a_tools_name_is_split(name, parts):
    """A model's tool name gives server and tool; without a server, an empty one."""
    assert names.split_tool_name(name) == parts


def test_splitting_undoes_joining():
    """What a model is shown leads back to the server and the tool."""
    assert names.split_tool_name(names.model_tool_name("memory", "recall")) == ("memory", "recall")


@pytest.mark.parametrize("kind", ["", "Deal", "deal:42", "a b"])
def test_a_kind_cannot_blur_the_id(kind):
    """A kind of entity is plain letters: a colon in it would make two entities one workflow."""
    with pytest.raises(ValidationError):
        EntityRef(kind=kind, id="42")
