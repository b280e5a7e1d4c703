"""Tools that the workflow itself serves: they change nothing outside, so they need no activity."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, JsonValue

from contracts.agents import AgentSpec, Kit
from contracts.calls import ToolResultRef, ToolUse
from contracts.names import CANCEL_FOLLOW_UP, LOAD_SKILL, SET_FOLLOW_UP
from contracts.workflows import FollowUp
from workflows.entity import follow_ups
from workflows.entity.follow_ups import CancelFollowUp, SetFollowUp

NAMES = frozenset({SET_FOLLOW_UP, CANCEL_FOLLOW_UP, LOAD_SKILL})


class LoadSkill(BaseModel):
    """Read a skill: how this company does a certain thing."""

    model_config = ConfigDict(extra="forbid")
    name: str


def definitions(spec: AgentSpec) -> tuple[dict[str, JsonValue], ...]:
    """What a model of this agent is told of them."""
    return (
        _definition(SET_FOLLOW_UP, SetFollowUp, follow_ups.schema(spec)),
        _definition(CANCEL_FOLLOW_UP, CancelFollowUp),
        _definition(LOAD_SKILL, LoadSkill),
    )


def _definition(
    name: str, arguments: type[BaseModel], schema: dict[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    return {
        "name": name,
        "description": " ".join((arguments.__doc__ or "").split()),
        "input_schema": schema or arguments.model_json_schema(),
    }


def follow_up(use: ToolUse, now: dt.datetime, spec: AgentSpec) -> tuple[FollowUp | None, ToolResultRef]:
    """Read a wish for a follow-up: the date it means, and what the model is told."""
    plan = follow_ups.planned(use, now, spec)
    if isinstance(plan, str):
        return None, _problem(use, plan)
    return plan, ToolResultRef(tool_use_id=use.id, text=follow_ups.told(use, plan, spec))


def calling_off(use: ToolUse) -> ToolResultRef:
    """What the model is told when it calls off what is planned."""
    return ToolResultRef(tool_use_id=use.id, text="No follow-up is planned any more.")


def skill(use: ToolUse, kit: Kit) -> ToolResultRef:
    """Hand over a skill's text, by the hash pinned in the kit."""
    name = str(use.arguments.get("name", ""))
    ref = kit.prompts.get(f"skills/{name}")
    if ref is None:
        known = ", ".join(sorted(key.removeprefix("skills/") for key in kit.prompts if key.startswith("skills/")))
        return _problem(use, f"there is no skill {name!r}; there are: {known}")
    return ToolResultRef(tool_use_id=use.id, ref=ref)


def _problem(use: ToolUse, text: str) -> ToolResultRef:
    return ToolResultRef(tool_use_id=use.id, text=text, is_error=True)
