"""An agent whose policy has all that a policy can say of people."""

from datetime import timedelta

from temporalio import workflow

from contracts.agents import AgentSpec
from contracts.people import Hours, Person
from contracts.policy import ApprovalPolicy, Condition, Consent, Precondition, Reminders, Rule
from contracts.workflows import RunInput, RunOutcome
from tests.workflow.team import Team

COMMITTEE = AgentSpec(
    name="committee",
    run_workflow="CommitteeRun",
    tool_servers=("crm",),
    policy=ApprovalPolicy(
        rules=(
            Rule(tool="crm__send_mail", consent=Consent.ASK, why="two must agree", quorum=2, at_expiry="escalate"),
            Rule(tool="crm__update_deal", consent=Consent.ASK, why="unless nobody minds", at_expiry="default"),
            Rule(tool="crm__add_note", consent=Consent.ASK, why="it is read by many", standing="entity"),
            Rule(
                tool="crm__set_price",
                consent=Consent.ASK,
                why="a large amount",
                quorum=2,
                where={"value": Condition(over=10_000)},
            ),
            Rule(tool="crm__set_price", consent=Consent.ASK, why="an amount"),
            Rule(
                tool="crm__create_activity",
                consent=Consent.ASK,
                why="the client is called",
                still=(
                    Precondition(reads="crm__get_deal", arguments={"deal_id": "deal_id"}, fields=("status", "stage")),
                ),
            ),
        ),
        people=(
            Person(id="U0CLAIRE", also=("claire@chaleo.example",), hours=Hours()),
            Person(id="U0TOM", hours=Hours()),
            Person(id="U0HEAD", hours=Hours(time_zone="America/New_York")),
        ),
        approvers=("U0CLAIRE", "U0TOM"),
        escalation=(("U0HEAD",), ("owner",)),
        expires_after=timedelta(days=2),
        reminders=Reminders(first=timedelta(hours=4), most=3),
    ),
)


@workflow.defn(name=COMMITTEE.run_workflow)
class CommitteeRun(Team):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(COMMITTEE, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.work()
