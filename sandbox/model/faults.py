"""Told to be slow, to fail, to limit rates or to spoil its answers: a queue of faults that requests use up."""

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.model.errors import VendorError
from sandbox.model.pacing import MODES

Where = Literal["message", "in-batch", "after-batch"]


class Fault(BaseModel):
    """An order: what goes wrong, how often (None: until cleared), and for which model (part of its name).

    `cut` breaks an answer off in the middle and `garbage` isn't JSON: neither counts as answered. `refuse` is an
    answer that says no, as the vendor's safety does. Of a stream, `slow-first-token` sends pings for `delay_ms` before
    the first word, `stall` stands still for as long in the middle, and `break` ends there with an error of `status`.
    `where`: on an ordinary request; on one of a batch, when it is answered; or on a batch's submission after the batch
    was taken in, so that whoever sent it doesn't hear of it. `expire` is for those of a batch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal[
        "slow", "fail", "rate-limit", "cut", "garbage", "refuse", "expire", "slow-first-token", "stall", "break"
    ]
    where: Where = "message"
    status: int = Field(default=529, ge=400, le=599)
    times: int | None = Field(default=None, ge=1)
    delay_ms: int = Field(default=0, ge=0, le=600_000)
    retry_after: int | None = Field(default=1, ge=0)
    """None: the vendor doesn't say."""

    message: str = ""
    """What an error says; empty for the status's usual sentence."""

    model: str = ""

    def error(self) -> VendorError | None:
        """What the fault answers; None where there is an answer, however late or spoilt."""
        match self.mode:
            case "fail":
                return VendorError(self.status, self.message)
            case "rate-limit":
                return VendorError(429, self.message, retry_after=self.retry_after)
            case _:
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

    async def strike(self, model: str, where: Where = "message") -> Fault | None:
        """Let the next fitting fault happen to a request; it is returned where an answer comes nevertheless.

        Raises `VendorError` when the fault is an error.
        """
        fault = self.take(model, where)
        if fault is None:
            return None
        if fault.mode not in MODES:
            await asyncio.sleep(fault.delay_ms / 1000)
        error = fault.error()
        if error:
            raise error
        return fault

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
