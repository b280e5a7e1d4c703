"""The tools that a workflow serves itself."""

import pytest
from jsonschema import Draft202012Validator

from contracts import names
from contracts.agents import Kit
from contracts.calls import ToolUse
from workflows.run import farm_tools
from workflows.sales.agent import SALES

KIT = Kit(prompts={"triage": "p1", "skills/follow-up-mail": "s1", "skills/quotes": "s2"})


def load(**arguments) -> ToolUse:
    return ToolUse(id="toolu_1", name=names.LOAD_SKILL, arguments=arguments)


def test_a_skill_is_handed_over_by_reference():
    """The text pinned at the run's start, not the file of today."""
    result = farm_tools.skill(load(name="follow-up-mail"), KIT)
    assert (result.ref, result.is_error) == ("s1", False)


@pytest.mark.parametrize("arguments", [{"name": "flying"}, {"name": "../triage"}, {"name": 7}, {}], ids=str)
def test_an_unknown_skill_is_told_with_those_there_are(arguments):
    """A prompt that is no skill can't be read this way."""
    result = farm_tools.skill(load(**arguments), KIT)
    assert result.is_error
    assert result.ref == ""
    assert "follow-up-mail, quotes" in result.text


@pytest.mark.parametrize("definition", farm_tools.definitions(SALES), ids=lambda each: each["name"])
def test_a_definition_is_what_a_model_needs(definition):
    """Name, description and a JSON Schema of the arguments."""
    Draft202012Validator.check_schema(definition["input_schema"])
    assert definition["name"] in farm_tools.NAMES
    assert definition["description"]
    assert definition["input_schema"]["additionalProperties"] is False
