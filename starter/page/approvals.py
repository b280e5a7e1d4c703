"""What waits for people, one question whole, and a decision on it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.agents import AgentSpec
from contracts.approvals import Always, ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict
from starter.decisions import TOO_LATE, Decisions
from starter.effective import as_it_would_run
from starter.page import form as forms
from starter.page import wording
from starter.page.rendering import page
from starter.page.session import SignedIn, say
from starter.people import People
from starter.refused_decisions import RefusedBook

log = logging.getLogger(__name__)

PATIENCE_S = 4.0
"""Seconds that the records may take to answer."""

LONGEST_REASON = 2000
LONGEST_ANSWER = 4000


class Approvals(Protocol):
    """The part of `store.approvals.Approvals` that is used here."""

    async def pending(self) -> Sequence[ApprovalRecord]: ...
    async def get(self, id: str) -> ApprovalRecord | None: ...  # noqa: A002  the store's own name for it


class Schemas(Protocol):
    """The part of `store.tool_schemas.ToolSchemas` that is used here."""

    async def of(self, run: str, tool: str) -> dict[str, Any] | None: ...


class ApprovalPages:
    """Who may decide is the run's word, and it is asked whoever sends a decision."""

    def __init__(
        self,
        *,
        approvals: Approvals,
        schemas: Schemas,
        decisions: Decisions,
        people: People,
        refused: RefusedBook,
        agents: Sequence[AgentSpec],
    ) -> None:
        self._approvals = approvals
        self._schemas = schemas
        self._decisions = decisions
        self._people = people
        self._refused = refused
        self._agents = {agent.name: agent for agent in agents}

    async def waiting(self, request: Request, me: SignedIn) -> Response:
        """What waits, and first what waits for whoever looks."""
        async with asyncio.timeout(PATIENCE_S):
            open_ones = await self._approvals.pending()
        mine = [each for each in open_ones if self._people.may_decide(each.request, me.by)]
        ours = {each.request.id for each in mine}
        others = [each for each in open_ones if each.request.id not in ours]
        return page(request, "approvals.html", me=me, mine=mine, others=others)

    async def one(self, request: Request, me: SignedIn) -> Response:
        """A question, whole."""
        record = await self._found(request)
        return await self._shown(request, me, record)

    async def decide(self, request: Request, me: SignedIn, form: dict[str, str]) -> Response:
        """Hand a decision to the run, and tell what came of it."""
        record = await self._found(request)
        try:
            decision = await self._decision(_as_asked(record), me, form)
        except forms.Faulty as error:
            return await self._shown(request, me, record, 422, form=form, faults=error.faults)
        receipt = await self._decisions.decide(record.request.workflow_id, decision)
        log.info("%s of %s by %s on the page: %s", decision.verdict, decision.approval, me.by, receipt.message)
        if not receipt.accepted:
            await self._refused.write(record.request.workflow_id, decision, receipt.message)
        return await self._told(request, me, record, form, receipt)

    async def _told(
        self, request: Request, me: SignedIn, record: ApprovalRecord, form: dict[str, str], receipt: DecisionReceipt
    ) -> Response:
        if receipt.accepted or receipt.message.startswith(TOO_LATE):
            said = receipt.message if receipt.accepted else f"That didn't count: {receipt.message}."
            say(request.session, said[:1].upper() + said[1:], good=receipt.accepted, about=record.request.id)
            return RedirectResponse(f"/approvals/{record.request.id}", 303)
        # Shown at once and not after a redirect: what was typed is kept.
        say(request.session, f"That didn't count: {receipt.message}.", good=False)
        return await self._shown(request, me, record, 409, form=form)

    async def _found(self, request: Request) -> ApprovalRecord:
        async with asyncio.timeout(PATIENCE_S):
            record = await self._approvals.get(request.path_params["id"])
        if record is None:
            raise HTTPException(404, "there is no such question")
        return record

    async def _shown(
        self,
        request: Request,
        me: SignedIn,
        record: ApprovalRecord,
        status: int = 200,
        *,
        form: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        form, faults, asked = form or {}, faults or {}, _as_asked(record)
        inputs = forms.with_faults(forms.typed(await self._inputs(asked), form), faults)
        return page(
            request,
            "approval.html",
            status,
            me=me,
            record=record,
            asked=asked,
            inputs=inputs,
            form=form,
            faults=faults,
            editing=form.get("verdict") == Verdict.EDIT,
            may=self._people.may_decide(asked, me.by),
            barred=self._barred(asked),
            named=lambda person: wording.name_of(self._agents, asked.agent, person),
        )

    def _barred(self, asked: ApprovalRequest) -> str:
        """Who may not decide because it is their own wish; empty where policy lets them."""
        agent = self._agents.get(asked.agent)
        return "" if agent and agent.policy.own_wish else asked.requester

    async def _inputs(self, asked: ApprovalRequest) -> tuple[forms.Input, ...]:
        if asked.kind != "consent":
            return ()
        async with asyncio.timeout(PATIENCE_S):
            schema = await self._schemas.of(asked.workflow_id, asked.tool)
        return forms.inputs(schema, asked.arguments)

    async def _decision(self, asked: ApprovalRequest, me: SignedIn, form: Mapping[str, str]) -> Decision:
        """What was decided. Raises Faulty, by field."""
        verdict = _verdict(form.get("verdict", ""))
        edited = None
        if verdict is Verdict.EDIT:
            edited = forms.arguments_of(forms.typed(await self._inputs(asked), form))
        return Decision(
            approval=asked.id,
            verdict=verdict,
            by=me.by,
            channel="page",
            reason=form.get("reason", "").strip()[:LONGEST_REASON],
            arguments=edited,
            answer=_answer(form) if verdict is Verdict.ANSWER else "",
            always=_always(asked, form) if verdict is Verdict.APPROVE else None,
            # What this person saw, which needn't be what is asked by now.
            arguments_hash=form.get("hash", ""),
        )


def _as_asked(record: ApprovalRecord) -> ApprovalRequest:
    """While it is open, as the next decision would have it; afterwards as it was asked."""
    return as_it_would_run(record) if record.status == "pending" else record.request


def _verdict(word: str) -> Verdict:
    try:
        return Verdict(word)
    except ValueError:
        raise HTTPException(400, "this is no decision") from None


def _answer(form: Mapping[str, str]) -> str:
    written = form.get("answer", "").replace("\r\n", "\n").strip()
    answer = written or form.get("choice", "")
    if not answer:
        raise forms.Faulty({"answer": "Choose an answer, or write one."})
    if len(answer) > LONGEST_ANSWER:
        raise forms.Faulty({"answer": f"{len(answer):,} characters; an answer has at most {LONGEST_ANSWER:,}."})
    return answer


def _always(asked: ApprovalRequest, form: Mapping[str, str]) -> Always | None:
    if asked.standing is None or not form.get("always"):
        return None
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise forms.Faulty({"until": "Until which day?"}) from None
    scope = "agent" if asked.standing == "agent" and form.get("scope") == "agent" else "entity"
    return Always(scope=scope, until=until)
