"""What an agent's requests meet in the client, before they leave for the gateway: secrets out, personal data withheld
where the agent declares it, and a limit of size.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.guards import Guards
from gateway.calls.call import Answer, Call
from gateway.calls.failures import GatewayError
from gateway.guards.placeholders import Placeholders
from gateway.guards.said import changed, in_arguments, in_words
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
    placeholders: Placeholders

    def heard(self, answer: Answer) -> Answer:
        """The answer to it: what was withheld is put back before anything acts on it, but in what the vendor signed."""
        if not self.taken_out:
            return answer
        back = self.placeholders.put_back
        uses = [use.model_copy(update={"arguments": in_arguments(use.arguments, back)}) for use in answer.tool_uses]
        return answer.model_copy(
            update={
                "content": tuple(in_words(answer.content, back)),
                "text": back(answer.text),
                "tool_uses": tuple(uses),
                "taken_out": dict(self.taken_out),
            }
        )


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
        placeholders = Placeholders(self._guards, call.tags.get("run", ""))
        safe = changed(asked, lambda text: without_secrets(text, counted))
        if self._guards.withheld:
            # Not in prompt and tools: they are the agent's own words, and in a vendor's cache for all its runs.
            safe["messages"] = in_words(safe["messages"], lambda text: placeholders.hide(text, counted))
        if not again and (failure := too_big(safe, self._guards, call)):
            raise GatewayError(failure)
        if counted and "extra_headers" in safe:
            safe["extra_headers"] = {**safe["extra_headers"], TAKEN_OUT: told(counted)}
        if counted and not again:
            log.warning("%s: taken out before it left: %s", call.call_id, told(counted))
        return Outgoing(safe, counted, placeholders)
