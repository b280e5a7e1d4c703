"""An entity for the schedules' tests: a workflow's module is loaded in its sandbox, so it stands alone."""

from temporalio import workflow

from contracts import names
from contracts.events import Event
from contracts.workflows import EntityState


@workflow.defn
class Heard:
    """An entity that keeps what it hears."""

    @workflow.init
    def __init__(self, state: EntityState) -> None:
        self.events: list[Event] = []

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(name=names.EVENT)
    def event(self, event: Event) -> None:
        self.events.append(event)

    @workflow.query
    def heard(self) -> list[Event]:
        return self.events
