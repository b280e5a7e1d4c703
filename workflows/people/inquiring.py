"""The agent asks people something in words: what it can't know, and what no tool tells."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from contracts.approvals import ApprovalRecord
from contracts.calls import ToolResultRef, ToolUse
from contracts.names import ASK_PERSON
from workflows.people.asking import ask
from workflows.people.questions import Question
from workflows.run.agent_run import AgentRun
from workflows.run.facts import Proposal

Choice = Annotated[str, Field(min_length=1, max_length=75)]
"""Of the length that a button in Slack holds."""


class AskPerson(BaseModel):
    """Ask the people you work for what you can't find out and must know. They may take days: ask only then, and all at
    once. Not for permission: what needs one is asked about by itself when you call the tool.
    """

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=1, max_length=1000, description="Understood by somebody who reads nothing else")
    why: str = Field(default="", max_length=500, description="What depends on it")
    choices: list[Choice] = Field(default=[], max_length=5, description="The likely answers; others may be given")
    default: str = Field(default="", max_length=500, description="The answer that holds if nobody gives one")


DEFINITION: dict[str, JsonValue] = {
    "name": ASK_PERSON,
    "description": " ".join((AskPerson.__doc__ or "").split()),
    "input_schema": AskPerson.model_json_schema(),
}


async def inquire(run: AgentRun, step: str, use: ToolUse, proposal: Proposal) -> ToolResultRef:
    """Put the question, and tell the model what came of it."""
    try:
        wish = AskPerson.model_validate(use.arguments)
    except ValidationError as error:
        return ToolResultRef(tool_use_id=use.id, text=str(error), is_error=True)
    question = Question(
        step,
        ASK_PERSON,
        use.arguments,
        why=wish.why,
        kind="question",
        what=wish.question,
        choices=tuple(wish.choices),
        default=wish.default,
        proposal=proposal,
    )
    record = await ask(run, question)
    told = _told(record)
    run.pin(f"Asked: {wish.question} -> {told}")
    return ToolResultRef(tool_use_id=use.id, text=told, is_error=record.status != "answered")


def _told(record: ApprovalRecord) -> str:
    decision = record.decision
    if record.status == "answered" and decision:
        said = "Nobody answered in time, so it is as you said" if decision.channel == "policy" else "The answer is"
        return f"{said}: {decision.answer}"
    if record.status == "rejected" and decision:
        return f"A person won't answer this. Reason: {decision.reason or 'none given'}."
    return "Nobody answered in time. Go on without it, and say so in your report."
