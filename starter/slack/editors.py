"""The modal that a button opens, and an edit's arguments, whole, when it comes back."""

from datetime import UTC, datetime
from typing import Any, Protocol

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision
from starter.effective import as_it_would_run
from starter.people import People
from starter.slack.argument_schema import schema_of
from starter.slack.errors import NotOpened
from starter.slack.interactions import Click, Submission
from starter.slack.modal import edit_modal
from starter.slack.smaller_modals import ALWAYS, ANSWER, WHY, always_modal, answer_modal, why_modal

CLOSED = "this question is no longer open"


class Approvals(Protocol):
    """The part of `store.approvals.Approvals` that is used here."""

    async def get(self, id: str) -> ApprovalRecord | None: ...  # noqa: A002  the store's own name for it


class Schemas(Protocol):
    """The part of `store.tool_schemas.ToolSchemas` that is used here."""

    async def of(self, run: str, tool: str) -> dict[str, Any] | None: ...


class Editors:
    """Builds modals from what the store knows of a question."""

    def __init__(self, approvals: Approvals, schemas: Schemas, people: People) -> None:
        self._approvals = approvals
        self._schemas = schemas
        self._people = people

    async def view(self, click: Click) -> dict[str, Any]:
        """What the click opens. Raises NotOpened, worded for the person, and NotEditable."""
        record = await self._approvals.get(click.decision.approval)
        if record is None or record.status != "pending":
            raise NotOpened(CLOSED)
        request = as_it_would_run(record)
        if not self._people.may_decide(request, click.decision.by):
            raise NotOpened(_not_asked(request, click.decision.by))
        match click.opens:
            case name if name == ANSWER:
                return answer_modal(request)
            case name if name == WHY:
                return why_modal(request)
            case name if name == ALWAYS:
                return always_modal(request, datetime.now(UTC).date())
            case _:
                return edit_modal(request, await self._schema(request))

    async def whole(self, submission: Submission) -> Decision:
        """The decision with what the modal had no room for, as the question has it. Raises NotOpened."""
        decision = submission.decision
        if not submission.kept:
            return decision
        record = await self._approvals.get(decision.approval)
        if record is None:
            raise NotOpened(CLOSED)
        would_run = as_it_would_run(record).arguments
        kept = {name: would_run[name] for name in submission.kept if name in would_run}
        return decision.model_copy(update={"arguments": {**kept, **(decision.arguments or {})}})

    async def _schema(self, request: ApprovalRequest) -> dict[str, Any]:
        """The farm's own questions have none: then what is there shows its type."""
        return await self._schemas.of(request.workflow_id, request.tool) or schema_of(request.arguments)


def _not_asked(request: ApprovalRequest, user: str) -> str:
    if not request.approvers:
        return f"{user} asked for this, and somebody else must decide it"
    return f"only {', '.join(request.approvers)} may decide this"
