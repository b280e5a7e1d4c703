"""A vendor who has no thinking blocks is asked without them, whichever deployment the call has come to.

Chat completions have no way to say them: LiteLLM would write them into a field that OpenAI refuses, and ask for
thinking at another of its doors, which servers of one's own haven't got.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from litellm.integrations.custom_logger import (  # type: ignore[import-not-found]  # only in the proxy's own environment
    CustomLogger,
)

CHAT = "openai"
"""How LiteLLM calls the protocol."""

THOUGHTS = ("thinking", "redacted_thinking")

Plain = dict[str, Any]


class Thoughtless(CustomLogger):  # type: ignore[misc]  # untyped here
    """Stands between the router's choice of a deployment and the request to it."""

    async def async_pre_call_deployment_hook(self, kwargs: Plain, call_type: Any) -> Plain | None:
        """What the deployment is asked."""
        del call_type
        if CHAT not in (kwargs.get("custom_llm_provider"), str(kwargs.get("model")).partition("/")[0]):
            return None
        asked = {name: value for name, value in kwargs.items() if name != "thinking"}
        return {**asked, "messages": [_without_thoughts(each) for each in kwargs.get("messages") or ()]}


def _without_thoughts(message: Mapping[str, Any]) -> Mapping[str, Any]:
    content = message.get("content")
    return {**message, "content": list(_spoken(content))} if isinstance(content, list) else message


def _spoken(blocks: Iterable[Any]) -> Iterable[Any]:
    return (block for block in blocks if not (isinstance(block, dict) and block.get("type") in THOUGHTS))
