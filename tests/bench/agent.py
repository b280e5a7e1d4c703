"""The farm's own contender: an agent of one phase, whose thinking goes through the farm's loop like any agent's."""

from pydantic import BaseModel
from temporalio import workflow

from contracts.agents import AgentSpec, ApprovalPolicy, Consent, Limits, Rule
from contracts.workflows import RunInput, RunOutcome
from workflows.agent import AgentRun
from workflows.frame import finish, in_phase, opened
from workflows.loop import Conversation, converse

NO_LIMIT = 10**9

BENCH = AgentSpec(
    name="bench",
    entity_workflow="BenchEntity",
    run_workflow="BenchRun",
    listens=(),
    tool_servers=("bench",),
    limits=Limits(turns=NO_LIMIT, cost_usd=NO_LIMIT),
    policy=ApprovalPolicy(rules=(Rule(tool="bench__lookup", consent=Consent.ALLOW),)),
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
            async with in_phase(self, "look-up"):
                talk = Conversation("look-up", "bench", "bench", with_tools=True)
                found = await converse(self, talk, job.events[0].summary, Found)
            return await finish(self, RunOutcome(status="done", report=found.model_dump()))
