from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.agents import AgentSpec, Subscription
from contracts.events import Change, EntityRef, Event
from contracts.fingerprints import Fingerprint
from starter.intake.authorship import Authorship, hearing
from starter.sources.traces import Trace, Traces
from store.own_writes import Recognised

EVENT = Event(
    id="e1",
    source="pipedrive",
    kind="deal.change",
    entity=EntityRef(kind="deal", id="42"),
    occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
    summary="Deal 42 changed: stage_id 2 -> 3",
    changes={"stage_id": Change(old=2, new=3)},
)
STAGE = Fingerprint.of("deal:42", "stage_id", 3)
VALUE = Fingerprint.of("deal:42", "value", 48600)
BY_SALES = Recognised(STAGE, "sales:deal:42/run-7", 2)
BOTH = Traces(
    "deal:42",
    frozenset({"stage_id", "stage_change_time", "value"}),
    (
        Trace(STAGE, frozenset({"stage_id", "stage_change_time"})),
        Trace(VALUE, frozenset({"value"})),
    ),
)
ONE = Traces("deal:42", frozenset({"stage_id", "stage_change_time"}), BOTH.traces[:1])


def agent(name: str, *, hears_farm: bool = False) -> AgentSpec:
    listens = Subscription(source="pipedrive", kinds=("deal.*",), entity="deal", hears_farm=hears_farm)
    return AgentSpec(name=name, entity_workflow="D", run_workflow="R", listens=(listens, OTHER), tool_servers=())


OTHER = Subscription(source="pipedrive", kinds=("note.*",), entity="deal", hears_farm=True)
SALES, QUIET, CURIOUS = agent("sales", hears_farm=True), agent("quiet"), agent("curious", hears_farm=True)
ALL = (SALES, QUIET, CURIOUS)


@pytest.mark.parametrize(
    ("author", "heard_by"),
    [
        pytest.param(Authorship(), "sales quiet curious", id="a stranger"),
        pytest.param(Authorship(traces=ONE), "sales quiet curious", id="nothing recognised"),
        pytest.param(Authorship(by_actor=True), "", id="ours, by nobody knows whom"),
        pytest.param(Authorship(writes=[BY_SALES], traces=ONE), "curious", id="an agent's"),
        pytest.param(Authorship(by_actor=True, writes=[BY_SALES], traces=ONE), "curious", id="an agent's, by both"),
        pytest.param(Authorship(writes=[BY_SALES], traces=BOTH), "sales quiet curious", id="a stranger's, too"),
        pytest.param(Authorship(by_actor=True, writes=[BY_SALES], traces=BOTH), "curious", id="ours, partly known"),
    ],
)
def test_who_hears(author: Authorship, heard_by: str) -> None:
    """A stranger's is for all who listen, the farm's own for who asks for it, and never for who wrote it."""
    assert " ".join(spec.name for spec in hearing(EVENT, ALL, author)) == heard_by


def test_a_sub_agents_write_is_its_askers_too() -> None:
    """It is done in the asking agent's run, with its events: the asker needs no news of it."""
    write = Recognised(STAGE, "curious:deal:42/run-1/orchestrate-2.1:pricing", 1)
    author = Authorship(writes=[write], traces=ONE)
    assert author.agents == {"curious", "pricing"}
    assert hearing(EVENT, ALL, author) == (SALES,)


def test_the_farms_write_carries_its_hop_and_says_whose_it_is() -> None:
    """For the agents that hear it, and for whoever reads the door's book."""
    told = Authorship(writes=[BY_SALES], traces=ONE).told(EVENT)
    assert (told.hop, told.summary) == (2, "Deal 42 changed: stage_id 2 -> 3 [written by sales:deal:42/run-7]")


def test_of_a_strangers_event_it_says_which_fields_were_the_farms() -> None:
    """It is heard whole, and as far from a person as the farm's part of it."""
    told = Authorship(writes=[BY_SALES], traces=BOTH).told(EVENT)
    assert told.summary.endswith(" [stage_change_time, stage_id written by sales:deal:42/run-7]")
    assert (told.hop, told.changes) == (2, EVENT.changes)


def test_the_furthest_of_several_writes_counts() -> None:
    """An event of two writes is as far from a person as the further one."""
    writes = [BY_SALES, Recognised(VALUE, "quiet:deal:42/run-1", 3)]
    author = Authorship(writes=writes, traces=BOTH)
    assert (author.is_farms, author.hop, sorted(author.agents)) == (True, 3, ["quiet", "sales"])


def test_a_long_summary_makes_room() -> None:
    """An event's summary has its limit."""
    long = EVENT.model_copy(update={"summary": "x" * 500})
    told = Authorship(writes=[BY_SALES], traces=ONE).told(long).summary
    assert len(told) == 500
    assert told.endswith("x [written by sales:deal:42/run-7]")


def test_a_strangers_event_stays_as_it_is() -> None:
    """Nothing of it is ours."""
    assert Authorship(traces=ONE).told(EVENT) is EVENT


FIELDS = ("stage_id", "value", "title", "status")
PRINTS = {name: Fingerprint.of("deal:42", name, 1) for name in FIELDS}
SOME = st.sets(st.sampled_from(FIELDS))


@given(moved=SOME, announced=st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["sales", "quiet", "curious"])))
def test_whoever_hears_it_did_not_write_it_all(moved: set[str], announced: dict[str, str]) -> None:
    """Of any fields that moved and any that were announced: it is ours if all are, and then no author hears it; else
    everybody who listens does.
    """
    shown = Traces("deal:42", frozenset(moved), tuple(Trace(PRINTS[name], frozenset({name})) for name in sorted(moved)))
    found = [
        Recognised(PRINTS[name], f"{agent}:deal:42/run-1", 1) for name, agent in announced.items() if name in moved
    ]
    author = Authorship(writes=found, traces=shown)
    heard_by = {spec.name for spec in hearing(EVENT, ALL, author)}
    assert author.is_farms == (bool(moved) and moved <= announced.keys())
    if author.is_farms:
        assert heard_by == {"sales", "curious"} - {announced[name] for name in moved}
    else:
        assert heard_by == {"sales", "quiet", "curious"}
