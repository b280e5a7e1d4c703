"""`POST /slack/interactions`: a button or a modal of ours, turned into a decision. Always answered within 3 s."""

import asyncio
import logging
import time
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.approvals import ApprovalRecord, Decision, Verdict
from starter.body import SLACK_SLOWEST, read
from starter.decisions import TOO_LATE, Decisions
from starter.limits import Rate
from starter.refusals import Refused
from starter.slack.argument_schema import schema_of
from starter.slack.errors import NotEditable, NotFromSlack, NotOurs
from starter.slack.interactions import Click, Submission, parse, verify
from starter.slack.modal import at_fault, closed_modal, edit_modal
from starter.slack.patience import answer_by
from starter.sources.mentions import mentioning
from starter.tracing import root_span

log = logging.getLogger(__name__)

AWAY = (SlackClientError, aiohttp.ClientError, SQLAlchemyError, OSError, TimeoutError)


class Approvals(Protocol):
    """The part of `store.approvals.Approvals` that is used here."""

    async def get(self, id: str) -> ApprovalRecord | None: ...  # noqa: A002  the store's own name for it


class SlackInteractions:
    """The door for Slack. Who may decide is the run's word; a refusal is told to the person alone."""

    def __init__(
        self, secrets: tuple[str, ...], decisions: Decisions, approvals: Approvals, slack: AsyncWebClient, rate: Rate
    ) -> None:
        self._rate = rate
        self._secrets = secrets
        self._decisions = decisions
        self._approvals = approvals
        self._slack = slack

    async def receive(self, request: Request) -> Response:
        """200, empty or with what Slack shall show in a modal; 401 for whoever isn't Slack."""
        by = answer_by()
        body = await read(request, slowest=SLACK_SLOWEST)
        try:
            verify(body, request.headers, self._secrets, time.time())
            self._rate.take()
            act = parse(body)
        except NotFromSlack as error:
            raise Refused(401, str(error), "unauthorized") from error
        except NotOurs as error:
            # Slack tells of every click, also on a plain link, and wants each one acknowledged.
            log.info("interaction ignored: %s", error)
            return Response()
        with root_span("slack interaction"):
            return await (self._submitted(act, by) if isinstance(act, Submission) else self._clicked(act, by))

    async def _clicked(self, click: Click, by: float) -> Response:
        refusal = await (self._open_modal(click, by) if click.verdict is Verdict.EDIT else self._decide(click, by))
        if not refusal:
            return Response()
        said = mentioning(f"That didn't count: {refusal}.")
        return Response(background=BackgroundTask(self._tell, click, said))

    async def _decide(self, click: Click, by: float) -> str:
        """Pass the verdict on; returns why it didn't count, if so."""
        decision = Decision(approval=click.approval_id, verdict=click.verdict, by=click.user_id, channel="slack")
        receipt = await self._decisions.decide(click.workflow_id, decision, by)
        log.info("%s of %s by %s: %s", click.verdict, click.approval_id, click.user_id, receipt.message)
        return "" if receipt.accepted else receipt.message

    async def _open_modal(self, click: Click, by: float) -> str:
        """Show the arguments for editing; returns why not, if so."""
        try:
            async with asyncio.timeout_at(by):
                record = await self._approvals.get(click.approval_id)
                if record is None or record.status != "pending":
                    return "this question is no longer open"
                approvers = record.request.approvers
                if approvers and click.user_id not in approvers:
                    return f"only {', '.join(approvers)} may decide this"
                view = edit_modal(record.request, schema_of(record.request.arguments))
                await self._slack.views_open(trigger_id=click.trigger_id, view=view)
        except NotEditable as error:
            return str(error)
        except AWAY as error:
            log.warning("modal for %s not opened: %s", click.approval_id, type(error).__name__)
            return "the editor couldn't be opened just now; please click again"
        return ""

    async def _submitted(self, submission: Submission, by: float) -> Response:
        decision = Decision(
            approval=submission.approval_id,
            verdict=Verdict.EDIT,
            by=submission.user_id,
            channel="slack",
            arguments=submission.arguments,
        )
        receipt = await self._decisions.decide(submission.workflow_id, decision, by)
        log.info("edit of %s by %s: %s", submission.approval_id, submission.user_id, receipt.message)
        return Response() if receipt.accepted else _refused(submission, receipt.message)

    async def _tell(self, click: Click, text: str) -> None:
        try:
            await self._slack.chat_postEphemeral(channel=click.channel, user=click.user_id, text=text)
        except AWAY as error:
            log.warning("%s could not be told in Slack: %s", click.user_id, type(error).__name__)


def _refused(submission: Submission, message: str) -> Response:
    """The refusal, in the modal: on the input that it is about, or in the modal's place where nothing can mend it."""
    if message.startswith(TOO_LATE):
        answer = {"response_action": "update", "view": closed_modal(mentioning(f"That didn't count: {message}."))}
    else:
        answer = {"response_action": "errors", "errors": {at_fault(submission.inputs, message): message}}
    return JSONResponse(answer)
