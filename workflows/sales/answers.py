"""The structured answers that the sales agent asks of its models.

Bounds on the strings keep an answer from being cut in the middle of its JSON.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TriageDecision(Answer):
    """Is this worth the strong model's time?"""

    verdict: Literal["act", "skip"]
    reason: str = Field(max_length=400)
    urgency: Literal["low", "normal", "high"] = "normal"


class Fact(Answer):
    """Something learnt about the deal that will still matter in a month."""

    subject: str = Field(max_length=80, description="What it is about, in a few stable words: 'decision maker'")
    fact: str = Field(max_length=400)
    confidence: float = Field(ge=0, le=1)


class RunReport(Answer):
    """What the run found and did, for the people who own the deal."""

    headline: str = Field(min_length=1, max_length=150)
    what_happened: str = Field(max_length=800)
    what_i_did: list[Annotated[str, Field(max_length=400)]] = Field(max_length=20)
    next_step: str = Field(max_length=400)


class Insights(Answer):
    """What to remember of a run."""

    facts: list[Fact] = Field(max_length=20)
