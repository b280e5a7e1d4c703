"""The people of a farm: who they are by each way they come in, and when they work."""

from datetime import date, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from contracts.frozen import Frozen

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone: one is like Europe/Paris") from error
    return name


class Hours(Frozen):
    """When somebody works, by the clocks of `time_zone` (an IANA name). Days count from Monday, 0."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(default=MONDAY_TO_FRIDAY, min_length=1)
    begin: time = time(9)
    end: time = time(18)
    """On the same day."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end <= self.begin:
            raise ValueError(f"working hours end ({self.end}) after they begin ({self.begin}), on the same day")
        return self


class Person(Frozen):
    """Somebody who may decide. `id` is the Slack user's, or any name where a team has no Slack."""

    id: str = Field(min_length=1, examples=["U0CLAIRE"])
    name: str = Field(default="", examples=["Claire"])
    also: tuple[str, ...] = Field(default=(), examples=[("claire@example.com", "pipedrive:user:11")])
    """Other names of the same person: the address by which the inbox page knows her, the CRM's number, a shell's user.
    """

    hours: Hours | None = None
    """None: asked and reminded at any time."""

    def is_called(self, name: str) -> bool:
        """Whether this is one of the person's names. Addresses are the same in capitals."""
        return name.lower() in {self.id.lower(), *(each.lower() for each in self.also)}


class Deputy(Frozen):
    """Who decides in whose place, from one day to another (both included); without days always."""

    of: str
    by: str
    since: date | None = None
    until: date | None = None
