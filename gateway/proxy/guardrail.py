"""LiteLLM's hook that takes secrets out of every request, whichever client sent it, before it goes to a vendor.

The farm's own client has done so before. This is for whoever else has a key, and for the day on which a client is old.
"""

import logging
from collections import Counter
from typing import Any

from litellm.integrations.custom_logger import CustomLogger  # type: ignore[import-not-found]
from litellm.proxy._types import UserAPIKeyAuth  # type: ignore[import-not-found]

from gateway.guards.said import SAID, changed
from gateway.guards.taking_out import told, without_secrets
from gateway.proxy.candour import TAKEN_OUT, note

log = logging.getLogger(__name__)


class Guardrail(CustomLogger):  # type: ignore[misc]  # untyped here
    """Counts what it takes out, and tells it: in the log, and in the answer's headers."""

    async def async_pre_call_hook(
        self, user_api_key_dict: UserAPIKeyAuth, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """The request without secrets. A batch that is passed through has many requests in it."""
        del cache, call_type
        counted: Counter[str] = Counter()
        data.update(_safe(data, counted))
        if isinstance(data.get("requests"), list):
            data["requests"] = [_of_batch(each, counted) for each in data["requests"]]
        if counted:
            note(TAKEN_OUT, told(counted))
            who, call = user_api_key_dict.user_id or "operator", data.get("litellm_call_id") or "a call without a name"
            log.warning("taken out of a request of %s (%s): %s", who, call, told(counted))
        return data


def _of_batch(request: Any, counted: Counter[str]) -> Any:
    params = request.get("params") if isinstance(request, dict) else None
    return {**request, "params": _safe(params, counted, whole=True)} if isinstance(params, dict) else request


def _safe(request: dict[str, Any], counted: Counter[str], *, whole: bool = False) -> dict[str, Any]:
    """What is said in it, safe; with `whole`, all of it."""
    safe = changed(request, lambda text: without_secrets(text, counted))
    return safe if whole else {name: safe[name] for name in SAID if name in safe}
