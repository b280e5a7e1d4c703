"""Names that processes must spell alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts import names
from contracts.agents import AgentSpec
from contracts.calls import CallSite
from contracts.events import EntityRef

DEAL = EntityRef(kind="deal", id="42")
AGENTS = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True).filter(lambda name: not name.startswith("fork-"))
# Ids as a hostile source may give them: pieces of runs' names.
PIECES = st.sampled_from(["/run-1", "/", ":", "run-2", "fork-3:", "/orchestrate-2.1:pricing", "42", "\n", "é"])
IDS = st.lists(PIECES | st.text(max_size=3), min_size=1).map("".join).filter(bool)
ENTITIES = st.builds(EntityRef, kind=st.sampled_from(["deal", "team_room"]), id=IDS)
STEPS = st.sampled_from(["run-1.1", "orchestrate-3.12", "a:b-2.1", "run-4"])


@st.composite
def runs(draw: st.DrawFn) -> tuple[str, str, str]:
    """A run's name, its agent, its entity: an entity's own run, a sub-agent's, or a fork of either."""
    agent, entity = draw(AGENTS), draw(ENTITIES)
    run = names.run_workflow_id(names.entity_workflow_id(agent, entity), draw(st.integers(1, 999)))
    for step, sub_agent in draw(st.lists(st.tuples(STEPS, AGENTS), max_size=3)):
        run, agent = names.sub_run_workflow_id(run, step, sub_agent), sub_agent
    for fork in draw(st.lists(st.integers(1, 99), max_size=2)):
        run = names.fork_workflow_id(fork, run)
    return run, agent, str(entity)


def test_an_agent_has_its_own_queue():
    """The pool's queue is found from the agent's name."""
    assert names.task_queue("sales") == "agent-sales"


def test_an_entity_has_one_workflow():
    """The same entity always gives the same id, so a second start finds the first."""
    assert names.entity_workflow_id("sales", DEAL) == "sales:deal:42"


def test_a_run_is_named_below_its_entity():
    """A run's id tells whose run it is, and the how manieth."""
    assert names.run_workflow_id("sales:deal:42", 3) == "sales:deal:42/run-3"


@given(runs())
def test_a_runs_name_tells_whose_it_is(made):
    """Agent and entity come back as they were put in, whatever an entity's id is; of a sub-agent's run, its own."""
    run, agent, entity = made
    site = CallSite(run=run, step="s")
    assert (site.agent, site.entity) == (agent, entity)
    assert site.in_full() == {"agent": agent, "entity": entity, "run": run, "step": "s"}


@pytest.mark.parametrize("name", ["", "r", "sales:deal:42", "sales:deal:42/run-", "sales:deal:42/run-1/triage-2.1"])
def test_what_is_no_runs_name_is_refused(name):
    """Nobody is charged for a call that is nobody's."""
    with pytest.raises(ValueError, match="is no run's name: one is like sales:deal:42/run-1"):
        names.run_owner(name)


@pytest.mark.parametrize(
    ("run", "agents"),
    [
        ("sales:deal:42/run-7", ["sales"]),
        ("sales:deal:a/b:c/run-7", ["sales"]),
        ("sales:deal:42/run-7/orchestrate-2.1:research", ["research", "sales"]),
        ("sales:deal:42/run-7/orchestrate-2.1:research/think-1.1:pricing", ["pricing", "research", "sales"]),
        ("fork-3:sales:deal:42/run-7", ["sales"]),
        ("", []),
        ("by hand", []),
    ],
)
def test_whose_doing_a_run_is(run, agents):
    """A sub-agent's is that of all who asked for it; what is no run's name is nobody's."""
    assert sorted(names.run_agents(run)) == agents


def test_no_agent_is_called_as_a_fork_is():
    """`fork-3:deal:42/run-1` would be taken for a fork of a run of `deal`."""
    with pytest.raises(ValidationError, match="doesn't begin with fork-"):
        AgentSpec(name="fork-3", run_workflow="R", tool_servers=())


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
