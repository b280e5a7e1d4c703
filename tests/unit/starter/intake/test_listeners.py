import pytest

from contracts.agents import AgentSpec, Subscription
from contracts.events import Event
from starter.intake.listeners import listeners, looked_after
from starter.sources.pipedrive import normalise
from tests.unit.starter.payloads import deal_change


def agent(name: str, **subscription: object) -> AgentSpec:
    listens = Subscription.model_validate({"source": "pipedrive", "kinds": ("*",), "entity": "deal"} | subscription)
    return AgentSpec(name=name, entity_workflow="Toy", run_workflow="ToyRun", listens=(listens,), tool_servers=())


@pytest.mark.parametrize(
    ("subscription", "takes"),
    [
        ({}, True),
        ({"kinds": ("deal.*",)}, True),
        ({"kinds": ("note.*", "deal.change")}, True),
        ({"kinds": ("note.*",)}, False),
        ({"kinds": ("Deal.*",)}, False),
        ({"source": "*"}, True),
        ({"source": "slack"}, False),
        ({"entity": "channel"}, False),
    ],
)
def test_patterns_decide(subscription: dict[str, object], takes: bool) -> None:
    """Source, kind and entity must all match, by shell pattern and by case."""
    event = normalise(deal_change())
    assert isinstance(event, Event)
    assert bool(listeners(event, [agent("a", **subscription)])) is takes


def test_every_agent_that_listens_is_named_in_order() -> None:
    """One event may go to several agents."""
    event = normalise(deal_change())
    assert isinstance(event, Event)
    agents = [agent("a"), agent("b", entity="channel"), agent("c")]
    assert [spec.name for spec in listeners(event, agents)] == ["a", "c"]


@pytest.mark.parametrize(
    ("subscription", "looks_after"),
    [
        ({"kinds": ("note.*",)}, True),
        ({"entity": "*"}, True),
        ({"entity": "person"}, False),
        ({"source": "slack"}, False),
    ],
)
def test_who_hears_other_news_of_it_looks_after_it(subscription: dict[str, object], looks_after: bool) -> None:
    """Source and entity decide, not the kind of news."""
    event = normalise(deal_change())
    assert isinstance(event, Event)
    assert looked_after(event, [agent("a", **subscription)]) is looks_after
