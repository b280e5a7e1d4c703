"""`POST /slack/interactions`: a button or a modal of ours, turned into a decision. Always answered within 3 s."""

import asyncio
import logging
import math
import time

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.approvals import Decision
from starter.body import SLACK_SLOWEST, read
from starter.decisions import TOO_LATE, Decisions
from starter.limits import Rate
from starter.refusals import Refused
from starter.refused_decisions import RefusedBook
from starter.slack import telling
from starter.slack.editors import Editors
from starter.slack.errors import NotEditable, NotFromSlack, NotOpened, NotOurs
from starter.slack.interactions import Click, Submission, parse, verify
from starter.slack.modal import at_fault, closed_modal
from starter.slack.patience import answer_by
from starter.slack.telling import Telling
from starter.sources.mentions import mentioning
from starter.tracing import root_span

log = logging.getLogger(__name__)

AWAY = (*telling.AWAY, SQLAlchemyError)

NOT_READ = "the question couldn't be read just now; please send it again"


class SlackInteractions:
    """The door for Slack. Who may decide is the run's word; a refusal is told to the person alone, and written down."""

    def __init__(
        self,
        secrets: tuple[str, ...],
        decisions: Decisions,
        editors: Editors,
        *,
        refused: RefusedBook,
        slack: AsyncWebClient,
        to_one: Telling,
        rate: Rate,
    ) -> None:
        self._secrets = secrets
        self._decisions = decisions
        self._editors = editors
        self._refused = refused
        self._slack = slack
        self._to_one = to_one
        self._rate = rate

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
        if click.opens:
            return await self._open_modal(click, by)
        deciding = asyncio.create_task(self._decide(click.workflow_id, click.decision))
        await asyncio.wait({deciding}, timeout=by - asyncio.get_running_loop().time())
        if not deciding.done():
            # Acknowledged, and not given up: a run whose worker is busy may take it some seconds later.
            return Response(background=BackgroundTask(self._tell_later, click, deciding))
        refusal = await deciding
        return self._told(click, refusal, refused=True) if refusal else Response()

    async def _decide(self, run: str, decision: Decision, by: float = math.inf) -> str:
        """Pass a decision on; returns why it didn't count, if so."""
        receipt = await self._decisions.decide(run, decision, by)
        log.info("%s of %s by %s: %s", decision.verdict, decision.approval, decision.by, receipt.message)
        return "" if receipt.accepted else receipt.message

    async def _open_modal(self, click: Click, by: float) -> Response:
        """Show what the button opens, or tell the person why not."""
        try:
            async with asyncio.timeout_at(by):
                view = await self._editors.view(click)
                await self._slack.views_open(trigger_id=click.trigger_id, view=view)
        except NotOpened as error:
            return self._told(click, str(error), refused=True)
        except NotEditable as error:
            return self._told(click, str(error), refused=False)
        except AWAY as error:
            log.warning("modal for %s not opened: %s", click.decision.approval, type(error).__name__)
            return self._told(click, "the editor couldn't be opened just now; please click again", refused=False)
        return Response()

    async def _submitted(self, submission: Submission, by: float) -> Response:
        if submission.faults:
            return _errors(dict(submission.faults))
        try:
            async with asyncio.timeout_at(by):
                decision = await self._editors.whole(submission)
        except NotOpened as error:
            return _refused(submission, f"{TOO_LATE} {error}")
        except AWAY as error:
            log.warning("%s not read: %s", submission.decision.approval, type(error).__name__)
            return _refused(submission, NOT_READ)
        refusal = await self._decide(submission.workflow_id, decision, by)
        if not refusal:
            return Response()
        answer = _refused(submission, refusal)
        answer.background = BackgroundTask(self._refused.write, submission.workflow_id, decision, refusal)
        return answer

    def _told(self, click: Click, why: str, *, refused: bool) -> Response:
        """Acknowledged; and when Slack has that, the person alone is told, and it is written down."""
        return Response(background=BackgroundTask(self._tell, click, why, refused))

    async def _tell_later(self, click: Click, deciding: asyncio.Task[str]) -> None:
        if refusal := await deciding:
            await self._tell(click, refusal, refused=True)

    async def _tell(self, click: Click, why: str, refused: bool) -> None:
        said = mentioning(f"That didn't count: {why}.")
        await self._to_one.tell(click.channel, click.decision.by, said)
        if refused:
            await self._refused.write(click.workflow_id, click.decision, why)


def _refused(submission: Submission, message: str) -> Response:
    """The refusal, in the modal: on the input that it is about, or in the modal's place where nothing can mend it."""
    if message.startswith(TOO_LATE) or not submission.inputs:
        view = closed_modal(mentioning(f"That didn't count: {message}."))
        return JSONResponse({"response_action": "update", "view": view})
    return _errors({at_fault(submission.inputs, message): message})


def _errors(errors: dict[str, str]) -> Response:
    """What stands under inputs, by their names."""
    return JSONResponse({"response_action": "errors", "errors": errors})
