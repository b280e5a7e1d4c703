"""A workflow that would go out: a child in another pool, an activity on another queue, a word to a stranger."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

ELSEWHERE = "agent-elsewhere"


@workflow.defn
class Errand:
    """Says on which queue it was served."""

    @workflow.run
    async def run(self) -> str:
        return workflow.info().task_queue


@workflow.defn
class Wanderer:
    """What came of each way out."""

    @workflow.run
    async def run(self) -> list[str]:
        child = await workflow.execute_child_workflow(Errand.run, task_queue=ELSEWHERE)
        served: str = await workflow.execute_activity(
            "where", task_queue=ELSEWHERE, result_type=str, start_to_close_timeout=timedelta(seconds=5)
        )
        try:
            await workflow.get_external_workflow_handle("stranger").signal("hello")
        except ApplicationError as refused:
            return [child, served, refused.message]
        return [child, served, "it was told"]
