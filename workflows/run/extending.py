"""At a limit: the next call isn't made before a person has said whether the run may use more."""

from temporalio import workflow

from contracts.names import EXTEND_BUDGET
from workflows.people.asking import ask
from workflows.people.questions import Question
from workflows.run.agent_run import AgentRun


async def within_budget(run: AgentRun) -> bool:
    """True while the run may go on. At a limit a person is asked to extend it; if not, False."""
    breach = run.meter.breach(workflow.now())
    if not breach or run.meter.used.refused:
        return not breach
    return await extended(run, breach)


async def extended(run: AgentRun, reached: str) -> bool:
    """Ask a person for more. A no isn't asked about again, and nobody is asked for what nobody waits for."""
    if run.meter.used.refused or run.job.later:
        return False
    record = await ask(run, Question(run.next_step("budget"), EXTEND_BUDGET, {"reached": reached}, why=reached))
    if record.status == "approved":
        run.meter.extend()
    else:
        run.meter.refuse()
    return record.status == "approved"
