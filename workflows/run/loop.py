"""The loop: model, tools, results, until the answer fits its type. Every agent's thinking goes through here."""

import asyncio
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from contracts.calls import Material, ModelCall, ModelReply, ToolResultRef
from contracts.workflows import TalkState
from workflows.failures import OUT_OF_BUDGET, kind_of
from workflows.run.acting import act
from workflows.run.agent_run import AgentRun
from workflows.run.extending import within_budget
from workflows.run.facts import Proposal
from workflows.run.holding import hear, held
from workflows.run.rotation import rotate_if_due
from workflows.run.summing_up import is_long, sum_up
from workflows.run.thinking import think

A = TypeVar("A", bound=BaseModel)

REFUSAL = "refusal"
REFUSAL_ENDS = "a-model-that-refuses-is-not-asked-to-mend-its-answer"
"""Histories of before asked again, as for an answer that doesn't fit."""

ANSWER_NOW = "The budget of this run is used up and was not extended. Answer now with what you have; call no tool."


@dataclass(frozen=True)
class Conversation:
    """One conversation with one role, by the prompt of that name."""

    phase: str
    role: str
    prompt: str
    with_tools: bool = False


async def converse(
    run: AgentRun, about: Conversation, say: str, answer: type[A], material: tuple[Material, ...] = ()
) -> A:
    """Talk until the model gives an `answer`. People may steer a conversation that has tools.

    ApplicationError `AnswerUnusable` where it still doesn't fit after the repairs that the agent's limits allow, and
    `refused` where the model's vendor would have none of it.
    """
    talk = _taken_up(run, about) or TalkState(phase=about.phase, say=say, material=material)
    run.talks += 1
    try:
        while True:
            await held(run)
            rotate_if_due(run, talk)
            talk, reply = await _turn(run, about, talk, answer)
            if talk.results or (about.with_tools and run.reins.unheard):
                continue
            found, talk = _read(run, talk, reply, answer)
            if found is not None:
                run.reins.deaf = run.reins.deaf or about.with_tools
                return found
    finally:
        run.talks -= 1


def _taken_up(run: AgentRun, about: Conversation) -> TalkState | None:
    """The conversation in which the history before this one ended, once."""
    if run.left_off is None or run.left_off.phase != about.phase:
        return None
    talk, run.left_off = run.left_off, None
    return talk


async def _turn(
    run: AgentRun, about: Conversation, talk: TalkState, answer: type[BaseModel]
) -> tuple[TalkState, ModelReply]:
    """One turn: asked, answered, and its tools served. What is left to say is in the talk that comes back."""
    may_act = await within_budget(run)
    heard = await hear(run) if about.with_tools else ""
    said = "\n\n".join(filter(None, (talk.say, heard, "" if may_act else ANSWER_NOW)))
    talk = talk.model_copy(update={"say": said})
    call = _call(run, about, answer, final=not may_act)
    if is_long(run, talk):
        talk = await sum_up(run, talk, call)
    step, reply = await _asked(run, talk, call)
    results = await _act_on(run, step, reply) if may_act else ()
    talk = talk.model_copy(
        update={"head": reply.head, "tokens": reply.usage.total, "say": "", "results": results, "material": ()}
    )
    return talk, reply


async def _asked(run: AgentRun, talk: TalkState, call: ModelCall) -> tuple[str, ModelReply]:
    """Ask; and where the vendor says that it is too long, once more from a summary. The step that was answered."""
    asked = _with(run, call, talk)
    try:
        return asked.site.step, await think(run, asked)
    except ActivityError as failure:
        if kind_of(failure) != "context_too_long" or not talk.head:
            raise
    asked = _with(run, call, await sum_up(run, talk, call))
    return asked.site.step, await think(run, asked)


def _call(run: AgentRun, about: Conversation, answer: type[BaseModel], *, final: bool) -> ModelCall:
    return ModelCall(
        site=run.site(about.phase),
        role=about.role,
        prompt=about.prompt,
        answer=answer.__name__,
        tools=about.with_tools,
        final=final,
    )


def _with(run: AgentRun, call: ModelCall, talk: TalkState) -> ModelCall:
    """The call as it stands now, under a step of its own."""
    said = {"head": talk.head, "say": talk.say, "results": talk.results, "material": talk.material}
    return call.model_copy(update={"site": run.site(run.next_step(talk.phase)), **said})


async def _act_on(run: AgentRun, step: str, reply: ModelReply) -> tuple[ToolResultRef, ...]:
    """All tool uses of a turn at once; one that waits for a person doesn't hold up the others."""
    uses, proposal = enumerate(reply.tool_uses, start=1), Proposal.of(reply)
    return tuple(await asyncio.gather(*(act(run, f"{step}.{n}", use, proposal) for n, use in uses)))


def _read(run: AgentRun, talk: TalkState, reply: ModelReply, answer: type[A]) -> tuple[A | None, TalkState]:
    """The answer; or, where it doesn't fit its type, what to tell the model."""
    if reply.stop_reason == REFUSAL and workflow.patched(REFUSAL_ENDS):
        told = f"{talk.phase}: the model refused, by its vendor's policy. Asked the same it would refuse again"
        raise ApplicationError(told, type="refused", non_retryable=True)
    try:
        return answer.model_validate_json(reply.text), talk
    except ValidationError as error:
        # A further attempt finds the answers of the one before on record, and gets as many tries again.
        if talk.repairs >= run.limits.answer_repairs * run.job.attempt:
            raise _unusable(run, talk, answer, error) from error
        return None, talk.model_copy(update={"say": _repair(answer, error), "repairs": talk.repairs + 1})


def _repair(answer: type[BaseModel], error: ValidationError) -> str:
    problems = "\n".join(f"- {'.'.join(map(str, each['loc'])) or 'answer'}: {each['msg']}" for each in error.errors())
    return f"Your answer is no valid {answer.__name__} (validation error). Answer again, whole.\n{problems}"


def _unusable(run: AgentRun, talk: TalkState, answer: type[BaseModel], error: ValidationError) -> ApplicationError:
    return ApplicationError(
        f"{talk.phase}: the model gave no valid {answer.__name__}: {error.error_count()} problems left after repairs",
        type=OUT_OF_BUDGET if run.meter.used.refused else "AnswerUnusable",
        non_retryable=True,
    )
