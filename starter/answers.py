"""What the door answers: JSON with the outcome in it. The shapes are told in its API's description."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

Outcome = Literal["accepted", "duplicate", "spooled", "ignored", "quarantined", "refused"]

STATUS: dict[Outcome, int] = {"accepted": 202, "duplicate": 202, "spooled": 202, "quarantined": 202, "ignored": 200}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Safe(_Told):
    """With Temporal or on disk, for these workflows."""

    outcome: Literal["accepted", "duplicate", "spooled", "quarantined"]
    event: str
    workflows: list[str]


class Kept(_Told):
    """In quarantine, under this number: nobody could read it."""

    outcome: Literal["quarantined"]
    reason: str
    number: int


class LeftOut(_Told):
    """Nothing that an agent gets."""

    outcome: Literal["ignored"]
    reason: str


class Refusal(_Told):
    """Not taken."""

    outcome: Literal["refused"]
    reason: str


class Answer(JSONResponse):
    """`{"outcome": ..., ...}`, and the outcome for whoever counts."""

    def __init__(self, outcome: Outcome, **told: Any) -> None:
        super().__init__({"outcome": outcome, **told}, STATUS[outcome])
        self.outcome: Outcome = outcome


def refusal(error: HTTPException) -> JSONResponse:
    """An HTTPException as JSON: `{"outcome": "refused", "reason": ...}`."""
    return JSONResponse({"outcome": "refused", "reason": error.detail}, error.status_code, headers=error.headers)
