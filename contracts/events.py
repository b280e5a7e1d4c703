"""What comes in: one event from outside, as every source's normaliser writes it."""

from pydantic import AwareDatetime, Field, JsonValue

from contracts.frozen import Lasting


class EntityRef(Lasting):
    """What an event is about: a deal, a channel, a schedule."""

    kind: str = Field(pattern=r"^[a-z_]+$", examples=["deal"])
    id: str = Field(min_length=1, examples=["42"])

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Change(Lasting):
    """One field's value before and after. `old` is None where the source doesn't say."""

    old: JsonValue = None
    new: JsonValue = None


class Event(Lasting):
    """One thing that happened outside. `id` is the source's own, so that a re-delivery is seen as one."""

    id: str = Field(min_length=1)
    source: str = Field(examples=["pipedrive", "slack", "timer", "operator"])
    kind: str = Field(examples=["deal.change", "note.create", "follow_up.due"])
    entity: EntityRef
    occurred_at: AwareDatetime
    """With its time zone: events are put in order by it."""

    actor: str = Field(default="", examples=["pipedrive:user:11"])
    tenant: str = Field(default="", examples=["pipedrive:company:1234"])
    """Whose business it is, of those that a source serves: an account, a workspace. Empty where it doesn't tell."""

    summary: str = Field(default="", max_length=500)
    changes: dict[str, Change] = {}
    hop: int = Field(default=0, ge=0)
    """How many runs of the farm stand between this and a person: 0 from outside, 1 for what a run wrote that a person's
    doing began.
    """

    outside: bool = False
    """A stranger wrote what it says: a run that hears it is tainted."""

    traceparent: str = ""
    """W3C trace context of the request that brought it; a run's trace starts there."""

    @property
    def key(self) -> str:
        """Its name among all events: an id is its source's own."""
        return f"{self.source}:{self.id}"
