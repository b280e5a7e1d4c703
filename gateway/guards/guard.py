"""What an agent's requests meet in the client, before they leave for the gateway: secrets out, and a limit of size."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.guards import Guards
from gateway.calls.call import Answer, Call
from gateway.calls.failures import GatewayError
from gateway.guards.said import changed
from gateway.guards.size import too_big
from gateway.guards.taking_out import told, without_secrets

log = logging.getLogger(__name__)

TAKEN_OUT = "x-farm-taken-out"
"""Header in which it is told what was taken out: by the client of its request, and by the proxy of what reached it."""


@dataclass(frozen=True)
class Outgoing:
    """A request as it leaves."""

    asked: Mapping[str, Any]
    taken_out: Mapping[str, int]

    def heard(self, answer: Answer) -> Answer:
        """The answer to it, with what was done to the request told on it."""
        return answer.model_copy(update={"taken_out": dict(self.taken_out)}) if self.taken_out else answer


class Guard:
    """One agent's guardrails."""

    def __init__(self, guards: Guards) -> None:
        self._guards = guards

    def outgoing(self, asked: Mapping[str, Any], call: Call, *, again: bool = False) -> Outgoing:
        """A request's parameters as they may leave.

        `again`: only to know what had left, a while ago: nothing is told or refused a second time. Raises
        `GatewayError` where it is too big.
        """
        counted: Counter[str] = Counter()
        safe = changed(asked, lambda text: without_secrets(text, counted))
        if not again and (failure := too_big(safe, self._guards, call)):
            raise GatewayError(failure)
        if counted and "extra_headers" in safe:
            safe["extra_headers"] = {**safe["extra_headers"], TAKEN_OUT: told(counted)}
        if counted and not again:
            log.warning("%s: taken out before it left: %s", call.call_id, told(counted))
        return Outgoing(safe, counted)
