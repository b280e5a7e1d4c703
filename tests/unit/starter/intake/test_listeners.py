import pytest

from contracts.agents import AgentSpec, Subscription
from contracts.events import Event
from starter.intake.listeners import listeners
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
