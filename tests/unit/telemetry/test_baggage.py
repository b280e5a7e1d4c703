from opentelemetry import baggage
from opentelemetry.context import Context

from telemetry.baggage import owned_here, owner_attributes, with_owner


def test_an_owned_context_says_whose_work_it_is() -> None:
    """Agent, entity and run become attributes, and the entity is the session."""
    context = with_owner(Context(), "sales", "deal:42", "sales:deal:42/run-1")
    assert owner_attributes(context) == {
        "farm.agent": "sales",
        "farm.entity": "deal:42",
        "farm.run": "sales:deal:42/run-1",
        "session.id": "deal:42",
    }


def test_baggage_that_nobody_allowed_stays_out() -> None:
    """What a stranger puts into baggage doesn't become an attribute."""
    assert owner_attributes(baggage.set_baggage("secret", "x", Context())) == {}


def test_an_owner_can_be_known_here_alone() -> None:
    """A tool server knows the owner and has no baggage to send to its vendor."""
    context = owned_here(Context(), {"farm.agent": "sales", "farm.entity": "deal:42"})
    assert owner_attributes(context)["session.id"] == "deal:42"
    assert not baggage.get_all(context)
