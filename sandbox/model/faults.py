"""Told to be slow, to fail or to limit rates: a queue of faults that requests use up."""

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.model.errors import VendorError

Where = Literal["message", "in-batch", "after-batch"]


class Fault(BaseModel):
    """An order: what goes wrong, how often (None: until cleared), and for which model (part of its name).

    `where`: on an ordinary request; on one of a batch, when it is answered; or on a batch's submission after the batch
    was taken in, so that whoever sent it doesn't hear of it. `expire` is for those of a batch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["slow", "fail", "rate-limit", "expire"]
    where: Where = "message"
    status: int = Field(default=529, ge=400, le=599)
    times: int | None = Field(default=None, ge=1)
    delay_ms: int = Field(default=0, ge=0, le=600_000)
    retry_after: int = Field(default=1, ge=0)
    model: str = ""

    def error(self) -> VendorError | None:
        """What the fault answers; None for a slow one, which answers late but well."""
        match self.mode:
            case "fail":
                return VendorError(self.status)
            case "rate-limit":
                return VendorError(429, retry_after=self.retry_after)
            case "slow" | "expire":
                return None


class Faults:
    """The orders in force. The first one that fits a request is used up by it."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add one behind those in force."""
        self._orders.append(fault)

    def clear(self) -> None:
        """Work well again."""
        self._orders.clear()

    def in_force(self) -> tuple[Fault, ...]:
        """What is still to come."""
        return tuple(self._orders)

    async def strike(self, model: str, where: Where = "message") -> None:
        """Let the next fitting fault happen to a request.

        Raises `VendorError` when the fault is an error.
        """
        fault = self.take(model, where)
        if fault is None:
            return
        await asyncio.sleep(fault.delay_ms / 1000)
        error = fault.error()
        if error:
            raise error

    def take(self, model: str, where: Where) -> Fault | None:
        """The next fitting one, which is used up by that."""
        for index, fault in enumerate(self._orders):
            if fault.model in model and fault.where == where:
                if fault.times == 1:
                    del self._orders[index]
                elif fault.times:
                    self._orders[index] = fault.model_copy(update={"times": fault.times - 1})
                return fault
        return None
