"""The sales agent at work: one workflow for a deal's life, one for each run."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from contracts.calls import Material
from contracts.events import EntityRef
from contracts.workflows import EntityState, RunInput, RunOutcome
from workflows import news, steps
from workflows.entity import waiting
from workflows.entity.entity import EntityWorkflow
from workflows.people import blocks, posts
from workflows.people.block_kit import escape
from workflows.run.afterwards import afterwards
from workflows.run.agent_run import AgentRun
from workflows.run.frame import finish, opened
from workflows.run.loop import Conversation, converse
from workflows.run.phases import phase
from workflows.sales import rules
from workflows.sales.agent import SALES
from workflows.sales.answers import Insights, RunReport, TriageDecision


@workflow.defn(name=SALES.entity_workflow)
class SalesDeal(EntityWorkflow):
    """One deal, for as long as it lives."""

    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(SALES, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:  # noqa: ARG002  @workflow.init has taken it
        await self.serve()


@workflow.defn(name=SALES.run_workflow)
class SalesRun(AgentRun):
    """One run: triage, bootstrap, orchestrate, report, learn."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(SALES, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        async with opened(self, TriageDecision, RunReport, Insights):
            decision = await self.triage()
            if decision.verdict == "skip":
                return await finish(self, RunOutcome(status="skipped", reason=decision.reason))
            gathered = await self.bootstrap(_deal_id(job.entity))
            report = await self.orchestrate(decision, gathered)
            await self.report(report)
            await self.learn(report, gathered)
            return await finish(
                self, RunOutcome(status="done", reason=decision.reason, report=report.model_dump(mode="json"))
            )

    @phase
    async def triage(self) -> TriageDecision:
        """The cheap model: act or skip? Most news stops here."""
        brief = rules.triage_brief(self.job.events, self.now().date())
        return await converse(self, Conversation("triage", "triage", "triage"), brief, TriageDecision)

    @phase
    async def bootstrap(self, deal: int) -> tuple[Material, ...]:
        """The deal, its mails, and what memory knows: read at once, shown to the strong model by reference.

        A run that can't read its deal fails, and its events wait for the next: better late than blind.
        """
        read, mails, known = await asyncio.gather(
            self.read("bootstrap-1", "crm", "get_deal", deal_id=deal),
            self.read("bootstrap-2", "crm", "list_mails", deal_id=deal, limit=5),
            self.read("bootstrap-3", "memory", "recall", entity=str(self.job.entity)),
        )
        if read.is_error:
            raise ApplicationError(
                f"deal {deal} can't be read: {read.preview}", type="DealUnreadable", non_retryable=True
            )
        return (
            Material.of("The deal in the CRM", read),
            Material.of("Its latest mails", mails),
            Material.of("What we remember", known),
        )

    @phase
    async def orchestrate(self, decision: TriageDecision, gathered: tuple[Material, ...]) -> RunReport:
        """The strong model, with tools, until it has a report."""
        planned = waiting.stands(self.spec, self.job.follow_up)
        brief = rules.orchestrator_brief(self.job.events, self.now(), decision.reason, planned)
        talk = Conversation("orchestrate", "orchestrator", "orchestrate", with_tools=True)
        return await converse(self, talk, brief, RunReport, gathered)

    @phase
    async def report(self, report: RunReport) -> None:
        """Tell the team in Slack."""
        posted = await posts.say(
            self,
            "report-1",
            steps.MESSAGE_PATIENCE,
            text=escape(report.headline),
            blocks=blocks.report(
                report,
                str(self.job.entity),
                self.run_id,
                self.meter.cost_usd,
                self.standbys,
                usage=self.meter.used.usage,
            ),
        )
        self.note_trouble("the report was not posted", posted)

    @afterwards("insight")
    async def learn(self, report: RunReport, gathered: tuple[Material, ...]) -> None:
        """What will still matter in a month goes into memory. Nobody waits for it."""
        brief = f"The report of this run:\n{report.model_dump_json(indent=1)}"
        insights = await converse(self, Conversation("learn", "insight", "learn"), brief, Insights, gathered)
        if insights.facts:
            kept = await self.write(
                "learn-write",
                "memory",
                "remember",
                entity=str(self.job.entity),
                facts=[fact.model_dump(mode="json") for fact in insights.facts],
                source_event=news.last_from_outside(self.job.events).id,
                run=self.run_id,
            )
            self.note_trouble("what was learnt was not kept", kept)


def _deal_id(entity: EntityRef) -> int:
    if not entity.id.isdecimal():
        raise ApplicationError(f"{entity} is no deal of the CRM: its id must be a number", non_retryable=True)
    return int(entity.id)


WORKFLOWS = (SalesDeal, SalesRun)
