"""A call that was interrupted, and of which nothing tells whether it happened: a person is asked."""

from contracts import names
from contracts.approvals import ApprovalRecord
from contracts.calls import Settlement, ToolCall, ToolReply
from workflows import steps
from workflows.people import blocks
from workflows.people.asking import ask
from workflows.people.questions import Question
from workflows.run.agent_run import AgentRun

DONE_AGAIN = "This call was interrupted, and {by} said to do it again. It was made again; this came of it:"
NOBODY_SAID = "Nobody could say in time whether this happened. It was not made again. Don't repeat it."


async def settled(run: AgentRun, call: ToolCall, reply: ToolReply) -> tuple[ToolReply, str]:
    """What became of a call, and what the model is to be told ahead of it.

    As long as it is in doubt a person is asked: it happened, do it, or skip. "Do it" allows one more attempt under
    the same key; where that one is interrupted too, the question is asked anew.
    """
    told, asked = "", 0
    while reply.in_doubt:
        asked += 1
        record = await _ask(run, call, reply, asked)
        if record.status != "approved":
            return await _left(call, reply, record)
        again = call.model_copy(update={"again": record.request.id})
        reply = await steps.call_tool(again, f"again: {blocks.in_words(_name(call), call.arguments)}")
        told = DONE_AGAIN.format(by=_who(record))
    return reply, told


async def _ask(run: AgentRun, call: ToolCall, reply: ToolReply, number: int) -> ApprovalRecord:
    step = f"{call.site.step}.doubt-{number}"
    return await ask(run, Question(step, _name(call), call.arguments, why=reply.preview, kind="doubt"))


async def _left(call: ToolCall, reply: ToolReply, record: ApprovalRecord) -> tuple[ToolReply, str]:
    """It isn't made again: a person said so, or nobody said anything."""
    if record.decision is None:
        return reply, NOBODY_SAID
    settlement = Settlement(
        call=call,
        outcome="happened" if record.status == "happened" else "skipped",
        by=_who(record),
        approval=record.request.id,
        reason=record.decision.reason,
    )
    return await steps.settle_effect(settlement), ""


def _name(call: ToolCall) -> str:
    return names.model_tool_name(call.server, call.tool)


def _who(record: ApprovalRecord) -> str:
    decision = record.decision
    return f"{decision.by} by way of {decision.channel}" if decision else "nobody"
