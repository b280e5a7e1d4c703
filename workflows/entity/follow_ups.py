"""From a model's wish to look again to the date that it means, and what the model is told. Pure."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from contracts import dates
from contracts.agents import AgentSpec
from contracts.calls import ToolUse
from contracts.workflows import FollowUp

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

FARTHEST = 3650
"""Days ahead: ten years."""

MOST_LINKS = 10
"""Dates of a chain. Who hasn't answered ten times is a matter for a person."""


class SetFollowUp(BaseModel):
    """Look at this again on a day, if nothing that you wait for comes before. Say the day in one way: `date`, `weekday`
    or `in_days`. It takes the place of what is planned. Whatever happens meanwhile reaches you all the same.
    """

    model_config = ConfigDict(extra="forbid")
    date: dt.date | None = Field(default=None, description="YYYY-MM-DD")
    weekday: Weekday | None = Field(default=None, description="The next one after today")
    in_days: int | None = Field(default=None, ge=1, le=FARTHEST, description="Days from today")
    time: str = Field(default="", pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$", description="HH:MM; without it 09:00")
    time_zone: str = Field(default="", description="Whose clock, by its IANA name (Europe/Madrid); without it our own")
    reason: str = Field(max_length=300)
    until: list[str] = Field(default=[], description="What ends the wait if it comes before")
    again_after_days: list[int] = Field(
        default=[],
        max_length=MOST_LINKS - 1,
        description="To remind more than once: days from each look to the next, [7, 14]. It stops at an answer",
    )

    @model_validator(mode="after")
    def _says_the_day_once(self) -> "SetFollowUp":
        if sum(each is not None for each in (self.date, self.weekday, self.in_days)) != 1:
            raise ValueError("say the day in one way: date, weekday or in_days")
        if any(not 1 <= days <= FARTHEST for days in self.again_after_days):
            raise ValueError(f"again_after_days: each from 1 to {FARTHEST}")
        return self

    def day(self, today: dt.date) -> dt.date:
        """The day that is meant."""
        if self.weekday is not None:
            return dates.next_weekday(self.weekday, today)
        return self.date or today + dt.timedelta(days=self.in_days or 0)


class CancelFollowUp(BaseModel):
    """Call off what is planned: nobody looks again by a date. Whatever happens reaches you all the same."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(default="", max_length=300)


def schema(spec: AgentSpec) -> dict[str, JsonValue]:
    """What a model may say to set a follow-up: `until` takes what its agent declares to await."""
    found = SetFollowUp.model_json_schema()
    if spec.awaits:
        meant = "; ".join(f"{each.name}: {each.means}" for each in spec.awaits)
        found["properties"]["until"]["items"]["enum"] = [each.name for each in spec.awaits]
        found["properties"]["until"]["description"] = f"What ends the wait if it comes before. {meant}"
    else:
        del found["properties"]["until"]
    return found


def planned(use: ToolUse, now: dt.datetime, spec: AgentSpec) -> FollowUp | str:
    """The follow-up that is meant, or what is wrong with the wish."""
    try:
        wish = SetFollowUp.model_validate(use.arguments)
    except ValidationError as error:
        return str(error)
    zone = wish.time_zone or spec.time_zone
    if not dates.is_zone(zone):
        return f"there is no time zone {zone!r}: an IANA name is like Europe/Madrid"
    known = [each.name for each in spec.awaits]
    if strange := sorted(set(wish.until) - set(known)):
        return f"until: nothing is called {', '.join(strange)}; there are: {', '.join(known) or 'none'}"
    try:
        moments = _moments(wish, now, zone)
    except OverflowError:
        return "that day is beyond the calendar"
    if moments[0] <= now:
        return f"{dates.in_words(moments[0], zone)} is over: it is {dates.in_words(now, zone)}"
    return FollowUp(
        at=moments[0],
        reason=wish.reason,
        time_zone=wish.time_zone,
        until=_until(wish, spec),
        then=moments[1:],
        since=now,
    )


def _moments(wish: SetFollowUp, now: dt.datetime, zone: str) -> tuple[dt.datetime, ...]:
    """Every date of the chain, at the same time by that clock, whatever the clocks do in between."""
    days = [wish.day(dates.local(now, zone).date())]
    for ahead in wish.again_after_days:
        days.append(days[-1] + dt.timedelta(days=ahead))
    return tuple(dates.moment_of(day, _clock(wish), zone) for day in days)


def _clock(wish: SetFollowUp) -> dt.time:
    return dt.time.fromisoformat(wish.time) if wish.time else dates.MORNING


def _until(wish: SetFollowUp, spec: AgentSpec) -> tuple[str, ...]:
    """What the model named, in the agent's order; a chain stops at an answer in any case."""
    return tuple(
        each.name for each in spec.awaits if each.name in wish.until or (each.is_answer and wish.again_after_days)
    )


def told(use: ToolUse, plan: FollowUp, spec: AgentSpec) -> str:
    """What the model hears: the moment and the weekday that its wish came to."""
    zone = plan.time_zone or spec.time_zone
    wanted = str(use.arguments.get("time") or "")
    said = [f"Follow-up set for {dates.in_words(plan.at, zone)}."]
    if wanted and wanted != f"{dates.local(plan.at, zone):%H:%M}":
        said.append(f"The clocks change that day, and there is no {wanted}.")
    if plan.then:
        said.append(f"Then again on {', '.join(dates.in_words(each, zone) for each in plan.then)}.")
    if plan.until:
        said.append(f"It is off as soon as this comes: {meanings(plan, spec)}.")
    return " ".join(said)


def meanings(plan: FollowUp, spec: AgentSpec) -> str:
    """What a follow-up waits for beside its date, in words."""
    return ", ".join(each.means for each in spec.awaits if each.name in plan.until)
