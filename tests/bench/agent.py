"""The farm's own contender: an agent of one phase, whose thinking goes through the farm's loop like any agent's."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow

from contracts.agents import AgentSpec, Limits
from contracts.policy import ApprovalPolicy, Consent, Rule
from contracts.workflows import RunInput, RunOutcome
from workflows.run.agent_run import AgentRun
from workflows.run.frame import finish, opened
from workflows.run.loop import Conversation, converse
from workflows.run.phases import phase

SERVER = "bench"
SIGN = "sign"
"""A tool that changes something, and about which a person is asked."""

APPROVERS = ("U0CLAIRE", "U0TOM")
NO_LIMIT = 10**9

BENCH = AgentSpec(
    name="bench",
    entity_workflow="BenchEntity",
    run_workflow="BenchRun",
    listens=(),
    tool_servers=(SERVER,),
    limits=Limits(turns=NO_LIMIT, cost_usd=NO_LIMIT, tokens=NO_LIMIT, working_time=timedelta(days=1)),
    policy=ApprovalPolicy(
        rules=(
            Rule(tool=f"{SERVER}__lookup", consent=Consent.ALLOW),
            Rule(tool=f"{SERVER}__{SIGN}", consent=Consent.ASK, why="nobody but a person signs"),
        ),
        approvers=APPROVERS,
    ),
)


class Found(BaseModel):
    """What the agent says in the end."""

    said: str


@workflow.defn(name=BENCH.run_workflow)
class BenchRun(AgentRun):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(BENCH, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        async with opened(self, Found):
            found = await self.look_up()
            return await finish(self, RunOutcome(status="done", report=found.model_dump()))

    @phase
    async def look_up(self) -> Found:
        talk = Conversation("look_up", "bench", "bench", with_tools=True)
        return await converse(self, talk, self.job.events[0].summary, Found)
