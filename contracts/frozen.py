"""The base of every value that crosses a process boundary."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value. Unknown fields are refused, so a misspelt one is an error and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Lasting(Frozen):
    """A value that another version of the code may read than wrote it: the starter of today tells a workflow of last
    week, and an entity's state goes back with a deploy that is taken back. What the reader doesn't know, it leaves out;
    refusing it would lose the event, or stop the entity. So a new field needs a default.
    """

    model_config = ConfigDict(extra="ignore")
