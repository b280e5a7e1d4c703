"""The tools that a workflow serves itself."""

from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from contracts import names
from contracts.agents import Kit
from contracts.calls import ToolUse
from tests.unit.workflows.samples import NOON
from workflows import farm_tools

KIT = Kit(prompts={"triage": "p1", "skills/follow-up-mail": "s1", "skills/quotes": "s2"})


def wish(**arguments) -> ToolUse:
    return ToolUse(id="toolu_1", name=names.SET_FOLLOW_UP, arguments=arguments)


def load(**arguments) -> ToolUse:
    return ToolUse(id="toolu_1", name=names.LOAD_SKILL, arguments=arguments)


def test_a_follow_up_is_at_nine_there():
    """A date means nine in the morning where the team is, and the model hears which moment that is."""
    planned, told = farm_tools.follow_up(wish(date="2026-12-01", reason="no answer yet"), NOON, "Europe/Paris")
    assert planned is not None
    assert planned.at == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    assert planned.reason == "no answer yet"
    assert (told.is_error, told.text) == (False, "Follow-up set for 2026-12-01 09:00.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"date": "2026-11-23", "reason": "x"}, "2026-11-23 is not after today"),
        ({"date": "2001-01-05", "reason": "x"}, "2001-01-05 is not after today"),
        ({"date": "0001-01-01", "reason": "x"}, "0001-01-01 is not after today"),
        ({"date": "next Tuesday", "reason": "x"}, "date"),
        ({"date": "2026-12-01"}, "reason"),
        ({"date": "2026-12-01", "reason": "x", "hour": 7}, "hour"),
        ({"date": "2026-12-01", "reason": "x" * 301}, "reason"),
    ],
)
def test_a_wish_that_cannot_be_is_told(arguments, told):
    """The model hears what is wrong, and nothing is planned."""
    planned, result = farm_tools.follow_up(wish(**arguments), NOON, "Europe/Paris")
    assert planned is None
    assert result.is_error
    assert told in result.text


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


@pytest.mark.parametrize("definition", farm_tools.DEFINITIONS, ids=lambda each: each["name"])
def test_a_definition_is_what_a_model_needs(definition):
    """Name, description and a JSON Schema of the arguments."""
    Draft202012Validator.check_schema(definition["input_schema"])
    assert definition["name"] in farm_tools.NAMES
    assert definition["description"]
    assert definition["input_schema"]["additionalProperties"] is False
