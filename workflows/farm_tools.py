"""Tools that the workflow itself serves: they change nothing outside, so they need no activity."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from contracts.agents import Kit
from contracts.calls import ToolResultRef, ToolUse
from contracts.dates import morning_of
from contracts.names import LOAD_SKILL, SET_FOLLOW_UP
from contracts.workflows import FollowUp

NAMES = frozenset({SET_FOLLOW_UP, LOAD_SKILL})


class SetFollowUp(BaseModel):
    """Look at this again on a date, at nine in the morning, if nothing happens before."""

    model_config = ConfigDict(extra="forbid")
    date: dt.date = Field(description="YYYY-MM-DD, after today")
    reason: str = Field(max_length=300)


class LoadSkill(BaseModel):
    """Read a skill: how this company does a certain thing."""

    model_config = ConfigDict(extra="forbid")
    name: str


def _definition(name: str, arguments: type[BaseModel]) -> dict[str, JsonValue]:
    return {
        "name": name,
        "description": arguments.__doc__ or "",
        "input_schema": arguments.model_json_schema(),
    }


DEFINITIONS: tuple[dict[str, JsonValue], ...] = (
    _definition(SET_FOLLOW_UP, SetFollowUp),
    _definition(LOAD_SKILL, LoadSkill),
)


def follow_up(use: ToolUse, now: dt.datetime, time_zone: str) -> tuple[FollowUp | None, ToolResultRef]:
    """Read a wish for a follow-up: the date it means, and what the model is told."""
    try:
        wish = SetFollowUp.model_validate(use.arguments)
    except ValidationError as error:
        return None, _problem(use, str(error))
    at = morning_of(wish.date, time_zone)
    if at <= now:
        return None, _problem(use, f"{wish.date} is not after today")
    told = ToolResultRef(tool_use_id=use.id, text=f"Follow-up set for {at:%F %H:%M}.")
    return FollowUp(at=at, reason=wish.reason), told


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
