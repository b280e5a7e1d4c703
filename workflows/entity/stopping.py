"""An entity that its breaker has stopped: people are asked whether it goes on, and it waits until one says so."""

import asyncio
from collections.abc import Callable

from pydantic import JsonValue
from temporalio import workflow

from contracts import names
from contracts.agents import AgentSpec
from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict
from contracts.calls import Alarm, CallSite, ToolReply
from contracts.effects import arguments_hash, effect_key
from contracts.events import EntityRef
from contracts.steering import Resume
from workflows import steps
from workflows.entity.breaker import Fuse, often, stopped
from workflows.people import blocks
from workflows.people.approvals import Desk
from workflows.people.terms import term

WHY = "Does it answer itself, or another agent? Look at what it did before you let it go on. No event is lost."


class Stop:
    """The question whether a stopped entity goes on. Nobody's answer is none: it is asked anew when its time is over.

    After a no it isn't asked again: whoever changes their mind has `./farm release`.
    """

    def __init__(self, spec: AgentSpec, entity: EntityRef, fuse: Fuse) -> None:
        self.spec = spec
        self.entity = entity
        self.fuse = fuse
        self.desk = Desk(policy=spec.policy)

    def decide(self, decision: Decision) -> DecisionReceipt:
        """A person's word: approved, the entity goes on."""
        receipt = self.desk.decide(decision, workflow.now())
        if receipt.accepted and self.desk.records[decision.approval].status == "approved":
            self.fuse.mend()
        return receipt

    def release(self, word: Resume) -> None:
        """An operator lets it go on, asked or not."""
        for request in self.desk.open():
            self.desk.decide(Decision(approval=request.id, verdict=Verdict.APPROVE, by=word.by), workflow.now())
        self.fuse.mend()

    async def until_released(self, runs: int, waiting: int, given_up: Callable[[], bool]) -> None:
        """Ask, and return when it may go on, or when another history is to wait instead of this."""
        number = 0
        while self.fuse.blown and not given_up():
            number += 1
            alarm = stopped(self.spec, workflow.info().workflow_id, runs, waiting)
            record = await self._asked(self._question(runs, waiting, number), alarm, given_up)
            if record.status == "rejected":
                await workflow.wait_condition(lambda: not self.fuse.blown or given_up())

    async def _asked(self, request: ApprovalRequest, alarm: Alarm, given_up: Callable[[], bool]) -> ApprovalRecord:
        """The question as it ends; still pending where another history asks it again. Its name is the same there, so
        that the buttons of either message count.
        """
        self.desk.ask(request)
        await steps.record_approval(self.desk.records[request.id])
        site = alarm.site.model_copy(update={"step": request.step})
        asking = alarm.model_copy(update={"site": site, "blocks": tuple(blocks.approval(request))})
        posting = asyncio.create_task(steps.raise_alarm(asking))
        try:
            await workflow.wait_condition(
                lambda: self.desk.settled(request.id) or not self.fuse.blown or given_up(),
                timeout=request.expires_at - workflow.now(),
                timeout_summary="asked anew whether it goes on",
            )
        except TimeoutError:
            self.desk.close(request.id, "expired", workflow.now())
        record = self.desk.records[request.id]
        if record.status == "pending":
            posting.cancel()
        else:
            await steps.record_approval(record)
            await _show(posting, site, record)
        return record

    def _question(self, runs: int, waiting: int, number: int) -> ApprovalRequest:
        now, policy, entity = workflow.now(), self.spec.policy, workflow.info().workflow_id
        arguments: dict[str, JsonValue] = {"entity": entity, "runs": runs, "asked": number}
        step = f"breaker-{runs}.{number}"
        site = CallSite(run=entity, step=step)
        return ApprovalRequest(
            id=effect_key(site, names.RELEASE, arguments)[:10],
            workflow_id=entity,
            step=step,
            agent=self.spec.name,
            entity=str(self.entity),
            tool=names.RELEASE,
            arguments=arguments,
            arguments_hash=arguments_hash(arguments),
            what=f"let {entity} go on: it is stopped, for {often(self.spec.breaker)}. {waiting} events wait",
            why=WHY,
            risk="high",
            approvers=policy.approvers,
            asked_at=now,
            expires_at=term(policy, policy.approvers, now),
        )


async def _show(posting: asyncio.Task[ToolReply | None], site: CallSite, record: ApprovalRecord) -> None:
    """What came of it, where it was asked. Nothing is held up where Slack hasn't taken the question yet."""
    if not posting.done():
        posting.cancel()
        return
    posted = posting.result()
    if posted and "ts" in posted.data:
        outcome = Alarm(
            site=site.model_copy(update={"step": f"{site.step}.answer"}),
            text=blocks.outcome_line(record),
            blocks=tuple(blocks.outcome(record)),
            instead_of=str(posted.data["ts"]),
        )
        asyncio.create_task(steps.raise_alarm(outcome))  # noqa: RUF006  the workflow's loop keeps it
