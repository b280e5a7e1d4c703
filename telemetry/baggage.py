"""Whose work a span belongs to: carried as W3C baggage from the entity's workflow to every process of the run."""

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from opentelemetry import baggage
    from opentelemetry import context as contexts
    from opentelemetry.context import Context

AGENT = "farm.agent"
ENTITY = "farm.entity"
RUN = "farm.run"
CARRIED = (AGENT, ENTITY, RUN)
"""The allow-list. Baggage from outside that isn't named here never becomes an attribute."""

SESSION_ID = "session.id"
"""The trace store's index of spans that belong together: here, those of one entity."""

_OWNER = contexts.create_key("farm-owner")


def with_owner(context: Context, agent: str, entity: str, run: str) -> Context:
    """The context, saying whose work is done in it, to this process and the next."""
    for key, value in ((AGENT, agent), (ENTITY, entity), (RUN, run)):
        context = baggage.set_baggage(key, value, context)
    return context


def owned_here(context: Context, owner: Mapping[str, str]) -> Context:
    """The context, with an owner that is this process's to know: no request from it tells a vendor."""
    return contexts.set_value(_OWNER, dict(owner), context)


def owner_attributes(context: Context | None) -> dict[str, str]:
    """The attributes that every span of an owned context gets; empty outside of any run."""
    here = contexts.get_value(_OWNER, context)
    carried = here if isinstance(here, dict) else baggage.get_all(context)
    attributes = {key: str(carried[key]) for key in CARRIED if key in carried}
    if ENTITY in attributes:
        attributes[SESSION_ID] = attributes[ENTITY]
    return attributes
