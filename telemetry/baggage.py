"""Whose work a span belongs to: carried as W3C baggage from the entity's workflow to every process of the run."""

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from opentelemetry import baggage
    from opentelemetry.context import Context

AGENT = "farm.agent"
ENTITY = "farm.entity"
RUN = "farm.run"
CARRIED = (AGENT, ENTITY, RUN)
"""The allow-list. Baggage from outside that isn't named here never becomes an attribute."""

SESSION_ID = "session.id"
"""The trace store's index of spans that belong together: here, those of one entity."""


def with_owner(context: Context, agent: str, entity: str, run: str) -> Context:
    """The context, saying whose work is done in it."""
    for key, value in ((AGENT, agent), (ENTITY, entity), (RUN, run)):
        context = baggage.set_baggage(key, value, context)
    return context


def owner_attributes(context: Context | None) -> Mapping[str, str]:
    """The attributes that every span of an owned context gets; empty outside of any run."""
    carried = baggage.get_all(context)
    attributes = {key: str(carried[key]) for key in CARRIED if key in carried}
    if ENTITY in attributes:
        attributes[SESSION_ID] = attributes[ENTITY]
    return attributes
