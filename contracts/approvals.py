"""Asking a person: the request, the decision, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, JsonValue, model_validator

from contracts.frozen import Frozen, Lasting
from contracts.policy import AtExpiry, Risk, StandingScope

QuestionKind = Literal["consent", "doubt", "question"]
"""`consent`: may this be done? `doubt`: this was begun and interrupted, did it happen? `question`: the agent asks what
it can't know, and gets an answer in words.
"""


class Verdict(StrEnum):
    """An answer. In doubt, approve says "do it" and reject "skip"."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    HAPPENED = "happened"
    """Only in doubt: it happened, so it isn't done again."""

    ANSWER = "answer"
    """Only to a question in words."""


ApprovalStatus = Literal[
    "pending", "approved", "rejected", "happened", "answered", "expired", "withdrawn", "superseded", "forbidden"
]
"""`forbidden`: a policy that came meanwhile allows it no more."""


class Reading(Frozen):
    """Something that the run had read when it asked."""

    step: str
    what: str = Field(max_length=200, examples=["get deal: deal_id 42"])
    ref: str = ""
    """Where the whole answer is: its blob hash."""

    url: str = ""
    """Where a person can look at it, where the tool says so."""

    outside: bool = False
    """Strangers wrote it, or some of it."""


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
    """Policy's reason for asking."""

    wish: str = Field(default="", max_length=1000)
    """Why the agent wants it, in its own words."""

    read: tuple[Reading, ...] = ()
    risk: Risk = "normal"
    proposed_by: str = ""
    """The model."""

    tainted: str = ""
    """What strangers wrote that the run had read; empty where nothing."""

    suspicious: str = ""
    """What of it looked like orders to a model: where and by which words; empty where nothing did."""

    approvers: tuple[str, ...] = ()
    """Who may decide now: with each escalation some more. Empty: anybody."""

    requester: str = ""
    """Whose doing began the run; may not decide where policy says so."""

    quorum: int = 1
    asked_at: datetime
    expires_at: datetime
    """Until when those who are asked now may answer."""

    level: int = 0
    """How often it was escalated."""

    at_expiry: AtExpiry = "reject"
    standing: StandingScope | None = None
    """How far "always allow" may reach; None where policy permits none."""

    rule: str = ""
    """The rule that wants it asked, by its key."""

    choices: tuple[str, ...] = ()
    """Of a question: the answers that are offered. Others may be given."""

    default: str = ""
    """Of a question: the answer that holds where nobody gives one."""

    still: dict[str, JsonValue] = Field(default={}, examples=[{"crm__get_deal status": "open"}])
    """What must still be so when it runs, as it was read when it was asked: tool and path -> value."""

    again: str = ""
    """The question, already approved, for which this is asked anew: its id."""

    changed: str = ""
    """And what has changed since."""

    cost_usd: float = 0.0


class Always(Lasting):
    """Yes to calls of this kind beforehand, until the end of a day (UTC)."""

    scope: StandingScope = "entity"
    until: date


class Decision(Lasting):
    """A person's answer. As a signal's input this is the documented JSON for `temporal workflow signal`.

    Without `channel` it counts as an operator's, who had the right to reach Temporal itself.
    """

    approval: str
    verdict: Verdict
    by: str = "operator"
    channel: Literal["slack", "cli", "page", "operator", "standing", "policy"] = "operator"
    """`standing`: said beforehand. `policy`: nobody said anything in time, and that is what holds then."""

    reason: str = ""
    arguments: dict[str, JsonValue] | None = None
    """With `edit`: the arguments to run instead, whole."""

    answer: str = Field(default="", max_length=4000)
    """With `answer`: what the agent is told."""

    always: Always | None = None
    """With `approve`: and also the next ones of this kind."""

    arguments_hash: str = ""
    """What was decided on, as it was shown; one that isn't the question's doesn't count. Empty: not said."""


class DecisionReceipt(Lasting):
    """What the decider is told: whether it counted, and if not, why."""

    accepted: bool
    message: str


class ApprovalId(Frozen):
    """A question by its id."""

    id: str


class Vote(Frozen):
    """One person's yes among those that are needed."""

    decision: Decision
    at: datetime


class ApprovalRecord(Frozen):
    """A request with its outcome, as recorded: who, when, by which channel, and the three sets of arguments: those of
    the request were proposed.
    """

    request: ApprovalRequest
    status: ApprovalStatus = "pending"
    votes: tuple[Vote, ...] = ()
    """Each yes that counted, where more than one is needed."""

    decision: Decision | None = None
    """The one that settled it."""

    decided_at: datetime | None = None
    approved_arguments: dict[str, JsonValue] | None = None
    executed_arguments: dict[str, JsonValue] | None = None
    """What the call was made with; None as long as it wasn't."""

    reminded_at: tuple[datetime, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_written_before(cls, value: Any) -> Any:
        """Records of before have the approved arguments under the name of the executed ones."""
        if isinstance(value, dict) and value.get("executed_arguments") and "approved_arguments" not in value:
            return {**value, "approved_arguments": value["executed_arguments"]}
        return value


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
