"""The base of every value that crosses a process boundary."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value. Unknown fields are refused, so a misspelt one is an error and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
