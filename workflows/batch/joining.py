"""A call that may wait joins a batch, and its run waits for the word that it is settled.

Whatever becomes of it, the ordinary call comes after: it finds the answer on record, or makes the call by itself.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from contracts import names
from contracts.agents import Batching
from contracts.batches import BatchLeave, BatchRef, BatchWish
from contracts.calls import CallSite, ModelCall
from contracts.search_attributes import WAITING_FOR
from workflows import steps
from workflows.run.agent_run import AgentRun

SPARE = timedelta(hours=1)
"""How much later than due a request may be submitted, before its run looks for itself."""


def may_wait(run: AgentRun, call: ModelCall) -> bool:
    """Whether nobody waits for the answer, and the role's vendor takes batches."""
    return bool(run.job.later) and run.spec.batching is not None and call.role in run.kit.batched


async def joined(run: AgentRun, call: ModelCall) -> None:
    """Returns when the ordinary call is next. A run that is stopped leaves its batch."""
    try:
        asked = await steps.ask_by_batch(BatchWish(call=call, told=workflow.info().workflow_id))
        if asked.state != "settled":
            await _settled(run, call.site)
    except (asyncio.CancelledError, FailureError) as failure:
        if is_cancelled_exception(failure):
            await steps.leave_batch(BatchLeave(site=call.site, for_good=True))
        raise


async def _settled(run: AgentRun, site: CallSite) -> None:
    _show(f"a batch's answer to {site.step}, since {workflow.now():%d %b %H:%M} UTC")
    with run.waiting_for_people():
        await _waited_for(run, site)
    _show("nothing")


async def _waited_for(run: AgentRun, site: CallSite) -> None:
    if not await _told(run.spec.name, site) and await _left(site):
        return
    patience = (run.spec.batching or Batching()).longest + SPARE
    while site not in run.settled:
        # Told in time, or nobody looks after it: then this run does.
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: site in run.settled, timeout=patience, timeout_summary="batch")
            return
        if await _left(site):
            return


async def _left(site: CallSite) -> bool:
    """Whether the call may go by itself now. One that is at the vendor is paid for there, so its batch is looked at."""
    standing = await steps.leave_batch(BatchLeave(site=site))
    if standing.state == "settled":
        return True
    try:
        return (await steps.collect_batch(BatchRef(agent=site.agent, token=standing.token))).over
    except ActivityError as failure:
        if is_cancelled_exception(failure):
            raise
        return False


async def _told(agent: str, site: CallSite) -> bool:
    """False where the agent has no collector."""
    try:
        await workflow.get_external_workflow_handle(names.collector_id(agent)).signal(names.BATCH_ASKED, site)
    except FailureError as failure:
        if is_cancelled_exception(failure):
            raise
        return False
    return True


def _show(waiting_for: str) -> None:
    workflow.upsert_search_attributes([WAITING_FOR.value_set(waiting_for)])
