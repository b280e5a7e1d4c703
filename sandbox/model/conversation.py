"""A request as the rules see it: who said what, which tools were called and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ToolSpec:
    """A tool on offer."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ToolChoice:
    """How free the model is to call tools: `auto`, `any`, `none`, or `tool` with a name."""

    type: str = "auto"
    name: str = ""
    parallel: bool = True


@dataclass(frozen=True)
class ToolCall:
    """A call made in an earlier turn."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class ToolResult:
    """What came of a call."""

    tool_use_id: str
    text: str
    is_error: bool


@dataclass(frozen=True)
class Turn:
    """What one side said, with its calls or results."""

    role: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """A tool call with its result."""

    call: ToolCall
    result: ToolResult


@dataclass(frozen=True)
class Wanted:
    """The structured answer that is asked for: by an output format, or by a forced tool (`tool` names it)."""

    schema: Mapping[str, Any]
    tool: str = ""

    @property
    def title(self) -> str:
        """The schema's own title: pydantic writes the class name there."""
        return str(self.schema.get("title", ""))


@dataclass(frozen=True)
class Conversation:
    """One request, read."""

    model: str
    max_tokens: int
    turns: tuple[Turn, ...]
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    choice: ToolChoice = ToolChoice()
    wanted: Wanted | None = None
    stop_sequences: tuple[str, ...] = ()
    thinking: bool = False
    stream: bool = False
    attachments: tuple[str, ...] = ()
    """Images and PDFs, by their kind."""

    fingerprint: str = ""
    """Hash of what decides the answer; ids are made from it."""

    @property
    def said(self) -> str:
        """All that the user's side said in words, tool results apart."""
        return "\n".join(turn.text for turn in self.turns if turn.role == "user" and turn.text)

    @property
    def last_said(self) -> str:
        """The user's latest words."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user" and turn.text), "")

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every tool call so far with its result, in the order of the calls."""
        results = {result.tool_use_id: result for turn in self.turns for result in turn.results}
        calls = (call for turn in self.turns for call in turn.calls)
        return tuple(Exchange(call, results[call.id]) for call in calls if call.id in results)

    def offers(self, name: str) -> bool:
        """Whether a tool of that name is on offer."""
        return any(tool.name == name for tool in self.tools)
