"""The sales agent, declared: what it listens to, what it may do, whom it asks."""

from datetime import timedelta

from contracts.agents import AgentSpec, Awaited, Debounce, Limits, News, Subscription
from contracts.people import Hours, Person
from contracts.policy import ApprovalPolicy, Consent, Precondition, Rule

LOST = News(source="pipedrive", kinds=("deal.change",), entity="deal", changes={"status": "lost"})
DELETED = News(source="pipedrive", kinds=("deal.delete",), entity="deal")
MOVED = News(source="pipedrive", kinds=("deal.change",), entity="deal", changes={"stage_id": "*"})
CLIENT_WROTE = News(source="pipedrive", kinds=("deal.change",), entity="deal", changes={"last_incoming_mail_time": "*"})

SALES = AgentSpec(
    name="sales",
    entity_workflow="SalesDeal",
    run_workflow="SalesRun",
    listens=(
        Subscription(
            source="pipedrive",
            kinds=("deal.*", "note.*", "activity.*"),
            entity="deal",
        ),
        # Whoever names a deal in Slack: `@farm have a look at deal:42`, `/farm deal:42 he called`.
        Subscription(source="slack", kinds=("slack.mention", "slack.command"), entity="deal"),
    ),
    # Not a client's mail: the notes and fields that belong to it come in the seconds after it.
    urgent=(LOST, DELETED),
    # Whoever approves a mail must not approve an answer to the client's last mail but one.
    interrupts=(LOST, DELETED, CLIENT_WROTE),
    awaits=(
        Awaited(name="reply", means="the client wrote", news=(CLIENT_WROTE,), is_answer=True),
        Awaited(name="stage", means="the deal moved to another stage", news=(MOVED,)),
    ),
    ends_waits=(LOST, DELETED),
    tool_servers=("crm", "memory"),
    roles=("triage", "orchestrator", "insight"),
    debounce=Debounce(quiet=timedelta(seconds=5), longest=timedelta(seconds=60), most=100),
    limits=Limits(turns=20, cost_usd=1.0),
    policy=ApprovalPolicy(
        rules=(
            Rule(tool="crm__add_note", consent=Consent.ALLOW, why="a note is internal and can be deleted"),
            Rule(tool="crm__create_activity", consent=Consent.ALLOW, why="a task for ourselves"),
            Rule(tool="crm__update_deal", consent=Consent.ALLOW, why="the CRM keeps the old value"),
            Rule(tool="memory__remember", consent=Consent.ALLOW, why="an insight can be undone"),
            Rule(
                tool="crm__send_mail",
                consent=Consent.ASK,
                why="a mail to a client can't be taken back",
                # A mail that comes in interrupts a run that waits; this is for the one that the CRM didn't tell of.
                still=(
                    Precondition(
                        reads="crm__get_deal",
                        arguments={"deal_id": "deal_id"},
                        fields=("status", "stage", "last_incoming_mail_time"),
                    ),
                ),
            ),
        ),
        approvers=("U0CLAIRE", "U0TOM"),
        people=(
            Person(
                id="U0CLAIRE", name="Claire Martin", also=("claire@chaleo.example", "pipedrive:user:11"), hours=Hours()
            ),
            Person(id="U0TOM", name="Tom Becker", also=("tom@chaleo.example", "pipedrive:user:12"), hours=Hours()),
        ),
        # Whoever moves a deal on in the CRM sets a run off without asking for anything.
        own_wish=True,
        expires_after=timedelta(days=3),
    ),
)
