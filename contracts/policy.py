"""An agent's policy, as data: which calls run by themselves, which are asked about, which never run."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from contracts.frozen import Frozen


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


class Rule(Frozen):
    """One line of policy: which tool, and what then. The first rule that applies decides."""

    tool: str = Field(examples=["crm__send_mail"])
    consent: Consent
    why: str = ""
    where: dict[str, Condition] = {}
    """Argument -> what must be so of it: all of them, for the rule to apply."""


class ApprovalPolicy(Frozen):
    """Who is asked, for how long, and what happens to tools without a rule: a write asks, a read runs."""

    rules: tuple[Rule, ...] = ()
    approvers: tuple[str, ...] = Field(default=(), examples=[("U0CLAIRE",)])
    expires_after: timedelta = timedelta(days=3)
