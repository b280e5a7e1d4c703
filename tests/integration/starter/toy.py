"""The simplest workflows that an event can be sent to. A module of its own: the workflow sandbox loads it whole."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts.agents import AgentSpec, Debounce
    from contracts.approvals import Decision, DecisionReceipt
    from contracts.events import Event
    from contracts.workflows import EntityState
    from workflows.entity.entity import EntityWorkflow


@workflow.defn(name="ToyDeal")
class ToyDeal:
    """Counts what it is sent, and takes decisions of one person."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @workflow.signal(name="event")
    def event(self, event: Event) -> None:
        self.events.append(event.id)

    @workflow.update(name="decide")
    def decide(self, decision: Decision) -> DecisionReceipt:
        return DecisionReceipt(accepted=decision.by == "U0CLAIRE", message=f"{decision.verdict} by {decision.by}")

    @workflow.query
    def seen(self) -> list[str]:
        return self.events

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await workflow.wait_condition(lambda: False)


@workflow.defn(name="RememberingDeal")
class RememberingDeal(EntityWorkflow):
    """The farm's own entity, whose window stays open: what it was sent waits there, each event once."""

    @workflow.init
    def __init__(self, state: EntityState) -> None:
        patient = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2), most=1000)
        spec = AgentSpec(
            name="toy", entity_workflow="RememberingDeal", run_workflow="ToyRun", tool_servers=(), debounce=patient
        )
        super().__init__(spec, state)

    @workflow.query
    def seen(self) -> list[str]:
        return [event.id for event in self.inbox.waiting]

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()
