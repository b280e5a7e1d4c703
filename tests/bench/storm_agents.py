"""Two agents who share a vendor: one with much to do, one with little. Each run asks one question."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from contracts.agents import AgentSpec, Limits
from contracts.policy import ApprovalPolicy
from contracts.workflows import RunInput, RunOutcome
from workflows.run.agent_run import AgentRun
from workflows.run.frame import finish, opened
from workflows.run.loop import Conversation, converse
from workflows.run.phases import phase

ROLE = "triage"
PROMPT = "storm"
NO_LIMIT = 10**9


def _spec(name: str) -> AgentSpec:
    return AgentSpec(
        name=name,
        entity_workflow=f"{name.title()}Entity",
        run_workflow=f"{name.title()}Run",
        listens=(),
        tool_servers=(),
        limits=Limits(turns=NO_LIMIT, cost_usd=NO_LIMIT, tokens=NO_LIMIT, working_time=timedelta(days=1)),
        policy=ApprovalPolicy(rules=(), approvers=()),
    )


NOISY, QUIET = _spec("noisy"), _spec("quiet")


class Thought(BaseModel):
    """What came of a question."""

    said: str


class Asking(AgentRun):
    """A run that asks."""

    async def ask(self) -> RunOutcome:
        async with opened(self, Thought):
            return await finish(self, RunOutcome(status="done", report=(await self.wonder()).model_dump()))

    @phase
    async def wonder(self) -> Thought:
        return await converse(self, Conversation("wonder", ROLE, PROMPT), self.job.events[0].summary, Thought)


@workflow.defn(name=NOISY.run_workflow)
class NoisyRun(Asking):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(NOISY, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.ask()


@workflow.defn(name=QUIET.run_workflow)
class QuietRun(Asking):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(QUIET, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.ask()


RUNS: dict[str, Any] = {NOISY.name: NoisyRun, QUIET.name: QuietRun}
