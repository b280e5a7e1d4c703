"""The list of agents."""

from pathlib import Path

import pytest

import workflows
from workflows.registry import AGENTS, agent

FOLDERS = {path.parent.name for path in Path(next(iter(workflows.__path__))).glob("*/agent.py")}


def test_every_folder_is_in_the_list():
    """An agent is one folder and one line here."""
    assert {spec.name for spec in AGENTS} == FOLDERS, "workflows/registry.py and the folders of workflows/ differ"


def test_names_are_unique():
    """Queues, workflows and records are found by an agent's name and its workflows' names."""
    assert len({spec.name for spec in AGENTS}) == len(AGENTS)
    types = [name for spec in AGENTS for name in (spec.entity_workflow, spec.run_workflow)]
    assert len(set(types)) == len(types)


def test_an_unknown_agent_is_told_with_those_there_are():
    """A misspelt pool name says what could have been meant."""
    with pytest.raises(LookupError, match=r"'salse'.*sales"):
        agent("salse")
