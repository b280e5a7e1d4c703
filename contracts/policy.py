"""An agent's policy, as data: which calls run by themselves, which are asked about, which never run."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from contracts.frozen import Frozen
from contracts.people import Deputy, Person

Risk = Literal["low", "normal", "high"]

AtExpiry = Literal["reject", "escalate", "default"]
"""What becomes of a question that nobody answers in time: it isn't done; it goes to the next people of the escalation,
and isn't done after the last; or the default holds (a call runs as proposed, a question has its default answer).
"""

StandingScope = Literal["entity", "agent"]
"""For what a person may say yes beforehand: this kind of call for one entity, or for all of the agent's."""


class Consent(StrEnum):
    """What policy says of one tool call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Condition(Frozen):
    """What must be so of one argument. Of several words here all must hold; an argument that isn't there holds none.

    A value that can't be read (no number, no address) counts for the side of caution: rules that ask or deny apply,
    rules that allow don't.
    """

    over: float | None = None
    """It is a number above this."""

    outside: tuple[str, ...] = Field(default=(), examples=[("example.com",)])
    """There is an address in it of none of these domains, nor of one below them."""

    matches: str = Field(default="", examples=["*discount*"])
    """It is a text of this shell pattern, in capitals or not."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == Condition.model_construct():
            raise ValueError("a condition needs `over`, `outside` or `matches`")
        return self


class Precondition(Frozen):
    """What must still be so when an approved call runs after a wait: these fields of what `reads` answers.

    They are read when the question is asked and again before the call is made; where one differs, it is asked anew.
    """

    reads: str = Field(examples=["crm__get_deal"])
    arguments: dict[str, str] = Field(examples=[{"deal_id": "deal_id"}])
    """Argument of the read -> argument of the call from which it is taken."""

    fields: tuple[str, ...] = Field(min_length=1, examples=[("status", "stage")])
    """Paths into its structured answer, steps separated by dots."""


class Rule(Frozen):
    """One line of policy: which tool, and what then. The first rule that applies decides."""

    tool: str = Field(examples=["crm__send_mail"])
    consent: Consent
    why: str = ""
    where: dict[str, Condition] = {}
    """Argument -> what must be so of it: all of them, for the rule to apply."""

    tainted: bool | None = None
    """Whether the run has read what strangers wrote. None: either."""

    suspicious: bool | None = None
    """Whether something it has read looked like orders to a model. A heuristic's word: it misses some. None: either."""

    models: tuple[str, ...] = ()
    """Who proposed it, by shell pattern of the model's name; one that isn't known counts for the side of caution.
    Empty: any.
    """

    risk: Risk = "normal"
    """How the question is marked for whoever decides."""

    approvers: tuple[str, ...] = ()
    """Who may decide, where it isn't those of the policy."""

    quorum: int = Field(default=1, ge=1)
    """How many different people must say yes. One no is a no."""

    at_expiry: AtExpiry | None = None
    """None: as the policy has it."""

    standing: StandingScope | None = None
    """How far "always allow" may reach; None: every call is asked about."""

    still: tuple[Precondition, ...] = ()

    @model_validator(mode="after")
    def _one_cannot_allow_for_two(self) -> Self:
        if self.standing and self.quorum > 1:
            raise ValueError(f"{self.tool} needs {self.quorum} people, so none may allow it beforehand: no `standing`")
        return self

    @property
    def key(self) -> str:
        """Its name among all rules: another word in it is another rule."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:12]


class Reminders(Frozen):
    """When those who are asked hear of it again: after `first`, and after `factor` times as long each time."""

    first: timedelta = timedelta(hours=4)
    factor: float = Field(default=2.0, ge=1)
    most: int = Field(default=6, ge=0)


class ApprovalPolicy(Frozen):
    """Who is asked, for how long, and what happens to tools without a rule: a write asks, a read runs."""

    rules: tuple[Rule, ...] = ()
    approvers: tuple[str, ...] = Field(default=(), examples=[("U0CLAIRE",)])
    """Ids of people. Empty: anybody who can reach the question."""

    people: tuple[Person, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    escalation: tuple[tuple[str, ...], ...] = Field(default=(), examples=[(("U0HEAD",), ("U0OWNER",))])
    """Who is asked besides where nobody answered, one group after another. Each has `expires_after` to answer."""

    at_expiry: AtExpiry = "reject"
    """Of what has no rule that says it, and of doubts and questions."""

    expires_after: timedelta = timedelta(days=3)
    longest_standing: timedelta = timedelta(days=90)
    """For how long "always allow" may hold."""

    reminders: Reminders = Reminders()
    least_working_time: timedelta = timedelta(hours=1)
    """A question doesn't expire, nor go on to the next people, before those who are asked had this much of their
    working hours for it.
    """

    own_wish: bool = False
    """Whether the person whose doing began the run may decide on it."""

    recheck_after: timedelta = timedelta(minutes=5)
    """A call that waited longer for its yes has its preconditions read again."""

    @model_validator(mode="after")
    def _has_somebody_to_escalate_to(self) -> Self:
        escalating = [rule.tool for rule in self.rules if rule.at_expiry == "escalate"]
        if not self.escalation and (escalating or self.at_expiry == "escalate"):
            whose = ", ".join(escalating) or "the policy"
            raise ValueError(f"`escalation` names nobody, and {whose} escalates at expiry")
        return self


class PoliciesSince(Frozen):
    """Which of an agent's policies were put to work since a run began?"""

    agent: str
    since: datetime


class Policies(Frozen):
    """Policies as workers brought them, the oldest first."""

    policies: tuple[ApprovalPolicy, ...] = ()
