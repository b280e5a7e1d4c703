"""Bad weather on demand: the next calls are refused, lost, or slow."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """What shall go wrong, and how often.

    `rate-limit` answers 429, `down` answers 503, `slow` waits first, and `lost-reply` does the work and then answers
    503: the caller can't know that it happened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["none", "rate-limit", "down", "slow", "lost-reply"]
    times: int | None = Field(default=None, ge=1)
    """Calls that it hits; until it is switched off when absent."""

    methods: tuple[str, ...] = ()
    """API methods that it hits, such as `chat.postMessage`; all when empty."""

    retry_after: int = Field(default=1, ge=0)
    """Seconds, for `rate-limit`."""

    seconds: float = Field(default=2.0, ge=0)
    """How long `slow` waits."""


NO_FAULT = Fault(mode="none")


class Faults:
    def __init__(self) -> None:
        self.set(NO_FAULT)

    def set(self, fault: Fault) -> None:
        self._fault = fault
        self._left = fault.times

    def next_for(self, method: str) -> Fault:
        """The fault that hits this call; used up as it is given."""
        if self._fault.methods and method not in self._fault.methods:
            return NO_FAULT
        fault = self._fault
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self.set(NO_FAULT)
        return fault
