"""What a single answer came to is read from the answer itself, and LiteLLM isn't asked to work it out as well.

Otherwise it prices the answer twice, for its header and for its success event, and makes a summary of the call, which
nobody but the book reads: a quarter of a call's processor time. The tokens are the vendor's own count and the price is
the one that the answer's header tells, so that book and ledger say the same. LiteLLM is asked as before for streams,
for chat completions, for whatever uses more than tokens at the listed price, and for one answer in `OPINIONS`.
"""

from itertools import count
from typing import Any

from litellm.integrations.custom_logger import (  # type: ignore[import-not-found]  # only in the proxy's own environment
    CustomLogger,
)

from gateway.accounts.paid import by_usage, plain
from gateway.prices import pricing
from gateway.prices.money import picodollars
from gateway.proxy.followed import followed

MESSAGES = "anthropic_messages"
"""How LiteLLM calls `/v1/messages`."""

OPINIONS = 100
"""Of so many answers one is priced by LiteLLM, too: a difference is told in the log."""


class Answered(CustomLogger):  # type: ignore[misc]  # untyped here
    """Stands where a deployment's answer has come, and before LiteLLM begins to reckon."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)

    async def async_post_call_success_deployment_hook(
        self, request_data: dict[str, Any], response: Any, call_type: Any
    ) -> None:
        """Note what the answer came to, and take LiteLLM's success event on ourselves, where that can be done."""
        usage = response.get("usage") if isinstance(response, dict) else None
        if getattr(call_type, "value", "") != MESSAGES or request_data.get("stream") or not plain(usage):
            return
        model = str(request_data["model"])
        if not (rates := pricing.told(model, usage)):
            return
        dollars, request = pricing.cost(rates, usage), followed.get()
        came_to = by_usage(model, usage, picodollars(dollars))
        if next(self._numbers) % OPINIONS == 0:
            if request is not None:
                request.looked_at = came_to
            return
        reckoning = request_data["litellm_logging_obj"]
        if not reckoning.claim_async_success_log():
            return  # an inner call has it: the vendor is asked by another protocol, and that answer is the one paid for
        reckoning.model_call_details["response_cost"] = dollars
        if request is not None:
            request.says = came_to
