"""One model call and its answer, in the shapes of Anthropic's Messages API."""

from typing import Any, Literal

from pydantic import Field

from contracts.calls import ToolUse, Usage
from contracts.frozen import Frozen
from contracts.prices import Rates

Block = dict[str, Any]
"""A content block, message, tool or schema as the Messages API writes it."""


class Call(Frozen):
    """What is asked. `role` names what the model is for (`triage`); which model that is, the gateway decides."""

    role: str
    model: str = ""
    """The model that plays the role for this run, where it keeps one; empty for whichever the gateway has for it."""

    system: str
    messages: tuple[Block, ...]
    tools: tuple[Block, ...] = ()
    may_use_tools: bool = True
    """False keeps the tools in the conversation's cached prefix and asks for an answer without them."""

    answer_schema: Block | None = None
    """JSON Schema that the answer's text must fit; None for free text."""

    max_tokens: int = Field(default=4096, ge=1)
    """What the model may write, its thoughts included."""

    thinking_tokens: int = Field(default=0, ge=0)
    """With how many the model may think before it answers; 0 without. Its thoughts are blocks of the answer, signed,
    and go back with the conversation. A vendor who has none is asked without.
    """

    cache_ttl: Literal["5m", "1h"] = "5m"
    """How long the vendor keeps tools and system prompt between two calls. An hour costs twice the input to write, so
    it is for a role that is asked more than once an hour and less than every five minutes.
    """

    temperature: float | None = Field(default=None, ge=0, le=1)
    call_id: str
    """The same for every attempt of one logical call: found again in the gateway's log."""

    tags: dict[str, str] = {}
    """Whose call it is, for the gateway's accounts: agent, entity, run, step."""

    @property
    def goes_on(self) -> bool:
        """Another turn will follow, as far as can be told: the model may call a tool and be given its result."""
        return bool(self.tools) and self.may_use_tools


class Answer(Frozen):
    """What the model said."""

    content: tuple[Block, ...]
    """The assistant's blocks, in order and whole, ready to be sent back."""

    text: str = ""
    tool_uses: tuple[ToolUse, ...] = ()
    stop_reason: str
    model: str
    """The name under which the vendor answered: with the stand-in, `sandbox-rules/...`."""

    priced_as: str
    """The pinned model whose prices hold."""

    usage: Usage
    cost_usd: float
    rates: Rates | None = None
    """By which the cost is counted; None where the gateway told none, and the cost is its own word."""

    cache_write_1h_tokens: int = 0
    """Of the tokens written to the cache those that are kept for an hour."""

    header: str = ""
    """Hash of what was sent ahead of the conversation: tools, system prompt, answer's schema."""

    fallback: bool = False
    """Whether the role's own model couldn't, and its standby answered."""

    instead_of: str = ""
    """With `fallback`: the model that couldn't."""

    latency_s: float
    taken_out: dict[str, int] = {}
    """Kind of secret or personal data -> how often it was taken out of what was sent."""
