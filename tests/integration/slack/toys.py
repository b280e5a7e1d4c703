"""An agent that asks one question and reports what came of it. No model is asked.

A module of its own: the workflow sandbox loads it whole.
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts.agents import AgentSpec, Kit
    from contracts.policy import ApprovalPolicy
    from contracts.workflows import RunInput, RunOutcome
    from workflows.people import posts
    from workflows.people.asking import ask
    from workflows.people.questions import Question
    from workflows.run.agent_run import AgentRun
    from workflows.run.frame import finish

MAIL = {"deal_id": 42, "to": "j@batisseurs.example", "subject": "Devis", "body": "Bonjour"}

ASKER = AgentSpec(
    name="asker",
    run_workflow="asker-run",
    tool_servers=("slack",),
    policy=ApprovalPolicy(approvers=("U0CLAIRE", "U0TOM")),
)


@workflow.defn(name=ASKER.run_workflow)
class AskerRun(AgentRun):
    @workflow.init
    def __init__(self, job: RunInput) -> None:
        super().__init__(ASKER, job)
        self.kit = Kit(prompts={}, channel="C0SALES")

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        record = await ask(
            self, Question("orchestrate-1.1", "crm__send_mail", dict(MAIL), why="it can't be taken back")
        )
        await posts.say(self, "report-1", timedelta(minutes=5), text=f"Report: {record.status}")
        return await finish(self, RunOutcome(status="done", reason=record.status))
