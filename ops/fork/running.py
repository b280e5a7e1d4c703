"""One fork, from its order to its difference: the agent's own workflow code, on a queue and a worker of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from activities.kit import KitActivities
from activities.mcp import ToolServers
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts import names
from contracts.approvals import Decision
from contracts.events import EntityRef, Event
from contracts.workflows import RunInput
from gateway.calls.client import Gateway
from ops.errors import FarmError
from ops.fork.activities import ForkActivities, Parts
from ops.fork.cut import Cut, cut
from ops.fork.difference import Difference, difference
from ops.fork.home import AtHome
from ops.fork.wish import Wish, require_known
from store.database import Database
from store.forks import Fork, Forks
from store.past import Past, past
from store.runs import Runs
from store.story import story
from workers.pool import book_of
from workers.workflow_code import agent_workflows, sandbox
from workflows.registry import AGENTS, agent

CONCURRENT = 10
"""Activities at once: one run has no need of more."""


@dataclass(frozen=True)
class Means:
    """What a fork is made with."""

    db: Database
    temporal: Client
    gateway: Gateway
    servers: ToolServers
    channel: str


async def forked(means: Means, run: str, at: str, wish: Wish) -> Difference:
    """Make a run again from a turn, and compare. The original's records, and everything outside, stay as they are."""
    then = await past(means.db, run)
    if then is None:
        raise FarmError(f"no run {run!r} is on record")
    where = cut(then, at)
    require_known(wish.prompts, _prompts(then))
    fork = await Forks(means.db).begin(run, {"at": where.step, **wish.model_dump(mode="json")})
    acts = _activities(means, fork, then, where, wish)
    await _run(means, fork, then, acts)
    told_then, told_now = await story(means.db, run), await story(means.db, fork.run)
    if told_then is None or told_now is None:
        raise FarmError(f"{fork.run} ended before its first step: the Temporal UI has it under this name, and why")
    return difference(told_then, told_now, where, acts.told)


def _prompts(then: Past) -> list[str]:
    """The prompts of the run and of those that it started."""
    known = set(book_of(then.run.agent).prompts) | {name for kit in then.kits.values() for name in kit.kit.prompts}
    return sorted(name for name in known if "/" not in name)


def _activities(means: Means, fork: Fork, then: Past, where: Cut, wish: Wish) -> ForkActivities:
    books = {spec.name: book_of(spec.name) for spec in AGENTS}
    real = Parts(
        model=ModelActivities(means.db, means.gateway),
        tools=ToolActivities(means.db, means.servers),
        kit=KitActivities(means.db, means.servers, books, means.channel),
        records=RecordActivities(means.db),
    )
    return ForkActivities(fork.run, then, where, wish, means.db, real, books, _decider(means.temporal))


def _decider(client: Client) -> Callable[[str, Decision], Awaitable[None]]:
    async def decide(run: str, decision: Decision) -> None:
        await client.get_workflow_handle(run).signal(names.DECIDE, decision)

    return decide


async def _run(means: Means, fork: Fork, then: Past, acts: ForkActivities) -> None:
    """Whatever becomes of it stands in the record; stopped from here, it is stopped for good."""
    queue = f"{names.FORK_PREFIX}{fork.number}"
    worker = Worker(
        means.temporal,
        task_queue=queue,
        workflows=[kind for spec in AGENTS for kind in agent_workflows(spec.name)],
        activities=list(acts.all),
        workflow_runner=sandbox(),
        interceptors=[AtHome()],
        max_concurrent_activities=CONCURRENT,
        # A fault of the code ends the fork and is told; nobody mends it while it waits.
        workflow_failure_exception_types=[Exception],
    )
    async with worker:
        handle = await means.temporal.start_workflow(
            agent(then.run.agent).run_workflow, job_of(then), id=fork.run, task_queue=queue
        )
        try:
            await handle.result()
        except WorkflowFailureError as failure:
            await _note_end(means.db, fork, str(failure.cause or failure))
        except BaseException:
            await handle.terminate("the fork was stopped")
            await _note_end(means.db, fork, "the fork was stopped")
            raise


async def _note_end(db: Database, fork: Fork, reason: str) -> None:
    """For a fork that could not close its own record."""
    record = await Runs(db).get(fork.run)
    if record and record.status in ("running", "waiting"):
        ended = {"status": "failed", "reason": reason[:500], "at": datetime.now(UTC)}
        await Runs(db).record(record.model_copy(update=ended))


def job_of(then: Past) -> RunInput:
    """The input of the run as it was, in its own time."""
    kind, _, name = then.run.entity.partition(":")
    recorded = then.kits[""].job if "" in then.kits else {}
    number = names.forked_run(then.run.run).rpartition("/run-")[2].partition("/")[0]
    job = {
        "agent": then.run.agent,
        "entity": EntityRef(kind=kind, id=name),
        "number": int(number) if number.isdecimal() else 1,
        "as_of": then.started_at,
        **recorded,
        "events": tuple(Event.model_validate(event) for event in then.run.events),
    }
    return RunInput.model_validate(job)
