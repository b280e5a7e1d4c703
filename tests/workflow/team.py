"""Two agents of few words: a lead that thinks with tools until it has an answer, and a scout that it may ask."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow

from contracts.agents import AgentSpec, Debounce, Delegate, Limits, News, Share
from contracts.policy import ApprovalPolicy, Condition, Consent, Rule
from contracts.workflows import EntityState, RunInput, RunOutcome
from workflows.entity.entity import EntityWorkflow
from workflows.run.agent_run import AgentRun
from workflows.run.frame import finish, opened
from workflows.run.loop import Conversation, converse
from workflows.run.phases import phase

POLICY = ApprovalPolicy(
    rules=(
        Rule(tool="crm__create_activity", consent=Consent.ASK, why="people plan their days themselves"),
        Rule(tool="crm__send_offer", consent=Consent.ASK, why="it binds us"),
        Rule(tool="crm__add_note", consent=Consent.ALLOW),
        Rule(tool="crm__update_deal", consent=Consent.DENY, tainted=True, why="strangers may have asked for it"),
        Rule(tool="crm__update_deal", consent=Consent.ALLOW, why="the CRM keeps the old value"),
        Rule(
            tool="crm__send_mail",
            consent=Consent.DENY,
            why="we don't write to them",
            where={"to": Condition(matches="*@rival.example")},
        ),
        Rule(tool="crm__send_mail", consent=Consent.ASK, why="it changes something"),
    ),
    approvers=("U0CLAIRE",),
)

SCOUT = AgentSpec(name="scout", run_workflow="ScoutRun", tool_servers=("crm",), policy=POLICY)
LEAD = AgentSpec(
    name="lead",
    entity_workflow="LeadDeal",
    run_workflow="LeadRun",
    tool_servers=("crm",),
    debounce=Debounce(quiet=timedelta(seconds=1)),
    urgent=(News(source="pipedrive", kinds=("deal.delete",), entity="deal"),),
    share=Share(by="tenant"),
    policy=POLICY,
    delegates=(
        Delegate(
            agent="scout",
            run_workflow="ScoutRun",
            use_for="Reading. Answers what it read.",
            limits=Limits(cost_usd=0.5, tokens=100_000),
        ),
    ),
)


class Answer(BaseModel):
    """What either comes to."""

    text: str


class Team(AgentRun):
    async def work(self) -> RunOutcome:
        async with opened(self, Answer):
            reason = await self.triage()
            answer = await self.orchestrate()
            return await finish(self, RunOutcome(status="done", reason=reason, report=answer.model_dump()))

    @phase
    async def triage(self) -> str:
        """Reads once, so that a phase done twice would be seen."""
        reply = await self.read("triage-read", "crm", "get_deal", deal_id=42)
        return reply.preview

    @phase
    async def orchestrate(self) -> Answer:
        talk = Conversation("orchestrate", self.spec.name, "orchestrate", with_tools=True)
        return await converse(self, talk, self.job.task or "Begin.", Answer)


@workflow.defn(name=LEAD.entity_workflow)
class LeadDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(LEAD, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


@workflow.defn(name=LEAD.run_workflow)
class LeadRun(Team):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(LEAD, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.work()


@workflow.defn(name=SCOUT.run_workflow)
class ScoutRun(Team):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(SCOUT, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.work()
