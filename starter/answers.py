"""What the door answers: JSON with the outcome in it."""

from typing import Any, Literal

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

Outcome = Literal["accepted", "duplicate", "spooled", "ignored", "quarantined", "refused"]

STATUS: dict[Outcome, int] = {"accepted": 202, "duplicate": 202, "spooled": 202, "quarantined": 202, "ignored": 200}


class Answer(JSONResponse):
    """`{"outcome": ..., ...}`, and the outcome for whoever counts."""

    def __init__(self, outcome: Outcome, **told: Any) -> None:
        super().__init__({"outcome": outcome, **told}, STATUS[outcome])
        self.outcome: Outcome = outcome


def refusal(error: HTTPException) -> JSONResponse:
    """An HTTPException as JSON: `{"outcome": "refused", "reason": ...}`."""
    return JSONResponse({"outcome": "refused", "reason": error.detail}, error.status_code, headers=error.headers)
