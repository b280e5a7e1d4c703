"""Agents that answer: each writes one field of a deal whenever another has changed. No model is asked.

A module of its own: the workflow sandbox loads it whole.
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts.agents import AgentSpec, Breaker, Debounce, Subscription
    from contracts.workflows import EntityState, RunInput, RunOutcome
    from workflows import steps
    from workflows.entity.entity import EntityWorkflow
    from workflows.run.agent_run import AgentRun


def toy(name: str, *, hears_farm: bool) -> AgentSpec:
    return AgentSpec(
        name=name,
        entity_workflow=f"{name}-deal",
        run_workflow=f"{name}-run",
        listens=(Subscription(source="pipedrive", kinds=("deal.change",), entity="deal", hears_farm=hears_farm),),
        tool_servers=("crm",),
        debounce=Debounce(quiet=timedelta(seconds=0.3), longest=timedelta(seconds=2)),
        breaker=Breaker(runs=4),
    )


WRITER = toy("writer", hears_farm=False)
PING, PONG = toy("ping", hears_farm=True), toy("pong", hears_farm=True)


class Answering(AgentRun):
    """The run of each: `hears` a field, and `writes` one, with another value each time."""

    async def answer(self, hears: str, writes: str) -> RunOutcome:
        if any(hears in event.changes for event in self.job.events):
            value = 1000 + self.job.number if writes == "value" else f"Answer {self.job.number}"
            deal = int(self.job.entity.id)
            await self.write("answer-1", "crm", "update_deal", deal_id=deal, field=writes, value=value)
        await steps.record_run(self.record("done"))
        return RunOutcome(status="done")


@workflow.defn(name=WRITER.entity_workflow)
class WriterDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(WRITER, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


@workflow.defn(name=WRITER.run_workflow)
class WriterRun(Answering):
    """Writes to the field that it listens on."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(WRITER, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.answer("value", "value")


@workflow.defn(name=PING.entity_workflow)
class PingDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(PING, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


@workflow.defn(name=PING.run_workflow)
class PingRun(Answering):
    """Answers pong's title with a value."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(PING, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.answer("title", "value")


@workflow.defn(name=PONG.entity_workflow)
class PongDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(PONG, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


@workflow.defn(name=PONG.run_workflow)
class PongRun(Answering):
    """Answers ping's value with a title."""

    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(PONG, job)

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.answer("value", "title")


WORKFLOWS = {
    WRITER.name: (WriterDeal, WriterRun),
    PING.name: (PingDeal, PingRun),
    PONG.name: (PongDeal, PongRun),
}
SPECS = {spec.name: spec for spec in (WRITER, PING, PONG)}
