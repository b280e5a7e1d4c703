"""Asking a person: the request, the decision, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from contracts.frozen import Frozen, Lasting

QuestionKind = Literal["consent", "doubt"]
"""`consent`: may this be done? `doubt`: this was begun and interrupted, did it happen?"""


class Verdict(StrEnum):
    """An answer. In doubt, approve says "do it" and reject "skip"."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    HAPPENED = "happened"
    """Only in doubt: it happened, so it isn't done again."""


ApprovalStatus = Literal["pending", "approved", "rejected", "happened", "expired", "withdrawn", "superseded"]


class ApprovalRequest(Frozen):
    """A question to a person, bound to the arguments that would run."""

    id: str
    kind: QuestionKind = "consent"
    workflow_id: str
    step: str
    agent: str
    entity: str
    tool: str
    arguments: dict[str, JsonValue]
    arguments_hash: str
    what: str
    """In plain words: what will happen on approval, or what was begun."""

    why: str = ""
    approvers: tuple[str, ...] = ()
    asked_at: datetime
    expires_at: datetime
    cost_usd: float = 0.0


class Decision(Lasting):
    """A person's answer. As a signal's input this is the documented JSON for `temporal workflow signal`.

    Without `channel` it counts as an operator's, who had the right to reach Temporal itself.
    """

    approval: str
    verdict: Verdict
    by: str = "operator"
    channel: Literal["slack", "cli", "page", "operator"] = "operator"
    reason: str = ""
    arguments: dict[str, JsonValue] | None = None
    """With `edit`: the arguments to run instead, whole."""


class DecisionReceipt(Lasting):
    """What the decider is told: whether it counted, and if not, why."""

    accepted: bool
    message: str


class ApprovalId(Frozen):
    """A question by its id."""

    id: str


class ApprovalRecord(Frozen):
    """A request with its outcome, as recorded: who, when, by which channel, and the three sets of arguments."""

    request: ApprovalRequest
    status: ApprovalStatus = "pending"
    decision: Decision | None = None
    decided_at: datetime | None = None
    executed_arguments: dict[str, JsonValue] | None = Field(default=None)


class Edit(Frozen):
    """Arguments that a person wants to run instead of those that were proposed."""

    tool: str
    toolset: str
    """Blob hash of the run's tool definitions."""

    arguments: dict[str, JsonValue]


class EditCheck(Frozen):
    """What is wrong with an edit by its tool's schema, as whoever made it is told; empty where nothing is."""

    flaw: str = ""


class FoundApproval(Frozen):
    """A question as it is on record; None where it was never asked."""

    record: ApprovalRecord | None = None
