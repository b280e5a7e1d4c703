"""Model and tool calls, as workflow and activities exchange them: heads and references, never conversations."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from contracts.failures import FailureKind
from contracts.frozen import Frozen, Lasting
from contracts.names import run_owner


class CallSite(Lasting):
    """Where in which run a call is made. `run` and `step` together name one logical call, whatever is retried."""

    run: str
    """The run's workflow id. Whose run it is, its name tells: `sales:deal:42/run-1`."""

    step: str
    """Unique in the run: `triage-1`, `orchestrate-3`, `orchestrate-3.2` (its second tool call)."""

    @property
    def agent(self) -> str:
        return run_owner(self.run)[0]

    @property
    def entity(self) -> str:
        return run_owner(self.run)[1]

    def in_full(self) -> dict[str, str]:
        """As a record has it, which is searched by each."""
        agent, entity = run_owner(self.run)
        return {"agent": agent, "entity": entity, "run": self.run, "step": self.step}


class Usage(Lasting):
    """Tokens of one model call. The four counts are disjoint, as in Anthropic's usage object."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, name) for name in Usage.model_fields)

    @property
    def read_tokens(self) -> int:
        """All that was sent, whatever it cost."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def cache_hit_rate(self) -> float:
        """The share of what was sent that the vendor had in its cache."""
        return self.cache_read_tokens / self.read_tokens if self.read_tokens else 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class ToolUse(Frozen):
    """A tool call that a model asks for."""

    id: str
    """The vendor's id: pairs an answer with its question inside one conversation, and is no idempotency key."""

    name: str
    arguments: dict[str, JsonValue]


class ToolResultRef(Frozen):
    """The answer to a tool use: by reference where a tool gave it, inline where the workflow itself did."""

    tool_use_id: str
    ref: str = ""
    text: str = ""
    is_error: bool = False


class Material(Frozen):
    """Something gathered for a model to read: by reference, or in words why it isn't there."""

    title: str
    ref: str = ""
    text: str = ""

    @classmethod
    def of(cls, title: str, reply: "ToolReply") -> "Material":
        """A tool's answer as material; one that was never had is said to be missing."""
        return cls(title=title, ref=reply.ref, text="" if reply.ref else f"(could not be read: {reply.preview})")


class ModelCall(Frozen):
    """One turn to be thought: what the conversation was (`head`) and what is new (`say`, `results`)."""

    site: CallSite
    role: str
    model: str = ""
    """Asked in the place of the kit's model for the role, where a person told the run to."""

    prompt: str
    """Name of the system prompt. Its words are in the run's kit, and so are the answer's schema and the tools."""

    head: str = ""
    """Transcript hash to go on from; empty for a new conversation."""

    say: str = ""
    results: tuple[ToolResultRef, ...] = ()
    material: tuple[Material, ...] = ()
    """Shown to the model ahead of `say`."""

    answer: str = ""
    """Name of the schema that the answer must fit; empty for free text."""

    tools: bool = False
    """The conversation has the run's tools."""

    final: bool = False
    """The model may call no tool any more, though the conversation has them."""

    fold: bool = False
    """The answer is a summary: the conversation goes on from its first message and this. The chain keeps all of it."""

    pinned: tuple[str, ...] = ()
    """With `fold`: facts that stand behind the summary word for word, whatever the model left out."""

    max_tokens: int = Field(default=4096, ge=1)


class ModelReply(Frozen):
    """What came of a model call. The conversation with the answer in it is `head`."""

    head: str
    text: str = ""
    """The whole answer where a schema was asked for, else its first 300 characters."""

    tool_uses: tuple[ToolUse, ...] = ()
    stop_reason: str = ""
    """Why the model ended, in the vendor's word; empty where it did so to use tools."""

    model: str = ""
    usage: Usage = Usage()
    cost_usd: float = 0.0
    fallback: bool = False
    """The role's own model couldn't, and a standby answered."""

    instead_of: str = ""
    """With `fallback`: the model that couldn't."""

    taken_out: dict[str, int] = Field(default={}, examples=[{"card": 1}])
    """Kind of secret or personal data -> how often it was taken out of what was sent, the whole conversation."""

    suspicious: str = ""
    """What of the new in this call reads as if it gave a model orders: where and by which words. A heuristic's word."""


class ToolCall(Frozen):
    """One call of an MCP tool. `effect_key` is empty for a tool that only reads."""

    site: CallSite
    server: str
    tool: str
    arguments: dict[str, JsonValue]
    effect_key: str = ""
    quick: bool = False
    """It is tried as a local activity first."""

    repeatable: bool = False
    """Calling it again with the same key and arguments does no harm: idempotent, or once by its server's ledger."""

    reconcile: str = ""
    """A read-only tool of the same server that tells whether an interrupted call happened; empty where none does."""

    hop: int = Field(default=0, ge=0)
    """The run's own: how many runs stand between it and a person."""

    pick: tuple[str, ...] = Field(default=(), examples=[("status", "person.name")])
    """Paths into the structured answer, steps separated by dots: of these alone the reply has `data`."""

    again: str = ""
    """The approval by which a person said "do it" of a call in doubt: it allows one more attempt."""


class ToolReply(Frozen):
    """What came of a tool call. The whole result is in the store under `ref`."""

    ref: str
    preview: str = Field(default="", max_length=400)
    is_error: bool = False
    data: dict[str, JsonValue] = {}
    """The structured result where it is short (at most 1 KB of JSON), else empty. Of a call that picks: path -> value,
    a long value as its hash, and none of a path that the answer hasn't.
    """

    url: str = Field(default="", max_length=500)
    """Where a person can look at what was read: the structured result's own `url`."""

    failure: FailureKind | None = None
    """With `is_error`: which kind, where a server said no."""

    in_doubt: bool = False
    """With `is_error`: the call may have changed something, and nothing but a person can tell."""


class Alarm(Frozen):
    """What people are told of an entity that does nothing more until one of them has looked. Told once for its site."""

    site: CallSite
    text: str
    blocks: tuple[JsonValue, ...] = ()
    """How Slack shows it; empty for the text alone."""

    instead_of: str = ""
    """The `ts` of a message that this takes the place of."""


class Settlement(Frozen):
    """What became of an effect whose own call brought no certainty.

    `unknown`: nobody goes on trying. `happened` and `skipped` are a person's word.
    """

    call: ToolCall
    outcome: Literal["unknown", "happened", "skipped"]
    by: str = ""
    """Who says so, and by which channel: `claire by cli`."""

    approval: str = ""
    reason: str = ""


class Reconciled(Frozen):
    """The structured answer of a reconcile tool. `happened`: null where it can't tell either."""

    happened: bool | None
    result: dict[str, JsonValue] = {}
    """What the call itself would have answered, where it happened."""


RunStatus = Literal["running", "waiting", "skipped", "done", "failed"]
DEAD_LETTER = "dead-letter"
"""The phase of a failed run that isn't tried again: its events are set aside for a person."""


class RunRecord(Frozen):
    """A run's row in the farm's own records; written at its start, and again as it goes on."""

    run: str
    agent: str
    entity: str
    status: RunStatus
    phase: str
    at: datetime
    trace_id: str = ""
    reason: str = ""
    cost_usd: float = 0.0
    events: tuple[dict[str, JsonValue], ...] = ()
    report: dict[str, JsonValue] = {}
