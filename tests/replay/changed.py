"""The sales agent as somebody might change it without a thought for the runs in flight."""

from datetime import timedelta

from temporalio import workflow

from contracts.workflows import EntityState, RunInput, RunOutcome
from workflows.sales.agent import SALES
from workflows.sales.answers import TriageDecision
from workflows.sales.workflow import SalesDeal, SalesRun


@workflow.defn(name=SALES.run_workflow)
class RunWithoutTriage(SalesRun):
    """Saves a call: everything is worth acting on."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await super().run(job)

    async def triage(self) -> TriageDecision:
        return TriageDecision(verdict="act", reason="it always is")


@workflow.defn(name=SALES.run_workflow)
class RunThatReadsLess(SalesRun):
    """Changes no order: one tool call in bootstrap is enough."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await super().run(job)

    async def bootstrap(self, deal: int):
        await self.read("bootstrap-1", "crm", "get_deal", deal_id=deal)
        return ()


@workflow.defn(name=SALES.entity_workflow)
class DealWithABreath(SalesDeal):
    """Takes a moment before it begins."""

    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await super().run(state)
