"""One call of a model, counted. Where the gateway's own budget refuses it, a person is asked before the next try."""

from temporalio.exceptions import ActivityError, ApplicationError

from contracts.calls import ModelCall, ModelReply
from workflows import steps
from workflows.batch.joining import joined, may_wait
from workflows.failures import OUT_OF_BUDGET, kind_of, root_cause
from workflows.run.agent_run import AgentRun
from workflows.run.extending import extended


async def think(run: AgentRun, call: ModelCall) -> ModelReply:
    """The model's reply. What is permanent is raised as the ActivityError it came as."""
    call = call.model_copy(update={"model": run.models.get(call.role, "")})
    if may_wait(run, call):
        await joined(run, call)
    while True:
        try:
            reply = await steps.call_model(call)
        except ActivityError as failure:
            if kind_of(failure) != "budget":
                raise
            reached = str(root_cause(failure))[:300]
            if not await extended(run, f"the gateway refuses: {reached}"):
                raise ApplicationError(reached, type=OUT_OF_BUDGET, non_retryable=True) from failure
        else:
            run.meter.count(reply)
            run.suspect(reply.suspicious)
            if reply.fallback:
                run.standbys[f"{reply.model} instead of {reply.instead_of or call.role}"] += 1
            return reply
