"""The loop: model, tools, results, until the answer fits its type. Every agent's thinking goes through here."""

import asyncio
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio.exceptions import ApplicationError

from contracts.calls import Material, ModelCall, ModelReply, ToolResultRef
from contracts.names import EXTEND_BUDGET
from workflows import steps
from workflows.acting import act
from workflows.agent import AgentRun
from workflows.asking import ask
from workflows.failures import OUT_OF_BUDGET

A = TypeVar("A", bound=BaseModel)

ANSWER_NOW = "The budget of this run is used up and was not extended. Answer now with what you have; call no tool."


@dataclass
class Conversation:
    """One conversation with one role. `head` is all that it costs, however long it grows."""

    phase: str
    role: str
    prompt: str
    with_tools: bool = False
    head: str = ""


async def converse(
    run: AgentRun, talk: Conversation, say: str, answer: type[A], material: tuple[Material, ...] = ()
) -> A:
    """Talk until the model gives an `answer`.

    ApplicationError `AnswerUnusable` where it still doesn't fit after the repairs that the agent's limits allow.
    """
    results: tuple[ToolResultRef, ...] = ()
    repairs = 0
    while True:
        may_act = await _within_budget(run)
        step = run.next_step(talk.phase)
        said = say if may_act else f"{say}\n\n{ANSWER_NOW}".strip()
        new = {"say": said, "results": results, "material": material, "final": not may_act}
        reply = await steps.call_model(_call(run, talk, step, answer).model_copy(update=new))
        run.meter.count(reply)
        talk.head, say, results, material = reply.head, "", (), ()
        if reply.tool_uses and may_act:
            results = await _act_on(run, step, reply)
            continue
        try:
            return answer.model_validate_json(reply.text)
        except ValidationError as error:
            repairs += 1
            if repairs > run.spec.limits.answer_repairs:
                raise _unusable(run, answer, step, error) from error
            say = _repair(answer, error)


async def _within_budget(run: AgentRun) -> bool:
    """True while the run may go on. At a limit a person is asked to extend it; if not, False."""
    breach = run.meter.breach()
    if not breach or run.meter.refused:
        return not breach
    record = await ask(run, run.next_step("budget"), EXTEND_BUDGET, {"reached": breach}, why=breach)
    if record.status == "approved":
        run.meter.extend()
    else:
        run.meter.refused = True
    return not run.meter.refused


def _call(run: AgentRun, talk: Conversation, step: str, answer: type[BaseModel]) -> ModelCall:
    return ModelCall(
        site=run.site(step),
        role=talk.role,
        system=run.kit.prompts[talk.prompt],
        head=talk.head,
        toolset=run.kit.toolset if talk.with_tools else "",
        schema_ref=run.kit.schemas[answer.__name__],
    )


async def _act_on(run: AgentRun, step: str, reply: ModelReply) -> tuple[ToolResultRef, ...]:
    """All tool uses of a turn at once; one that waits for a person doesn't hold up the others."""
    uses = enumerate(reply.tool_uses, start=1)
    return tuple(await asyncio.gather(*(act(run, f"{step}.{n}", use) for n, use in uses)))


def _repair(answer: type[BaseModel], error: ValidationError) -> str:
    problems = "\n".join(f"- {'.'.join(map(str, each['loc'])) or 'answer'}: {each['msg']}" for each in error.errors())
    return f"Your answer is no valid {answer.__name__} (validation error). Answer again, whole.\n{problems}"


def _unusable(run: AgentRun, answer: type[BaseModel], step: str, error: ValidationError) -> ApplicationError:
    return ApplicationError(
        f"{step}: the model gave no valid {answer.__name__}: {error.error_count()} problems left after repairs",
        type=OUT_OF_BUDGET if run.meter.refused else "AnswerUnusable",
        non_retryable=True,
    )
