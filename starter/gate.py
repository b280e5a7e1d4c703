"""What every route from outside goes through: a place among those in flight, an answer in any case, and the count."""

import logging
import time
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from starter.answers import Answer, Outcome, refusal
from starter.limits import InFlight
from starter.metrics import Measures
from starter.refusals import Refused
from starter.unforeseen import log_unforeseen

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    def __init__(self, measures: Measures, in_flight: InFlight) -> None:
        self._measures = measures
        self._in_flight = in_flight
        measures.in_flight.set_function(lambda: in_flight.now)

    def guarding(self, source: str, receive: Endpoint) -> Endpoint:
        """The endpoint with the gate before it."""

        async def guarded(request: Request) -> Response:
            begun = time.perf_counter()
            try:
                with self._in_flight.one():
                    response = await receive(request)
                    outcome: Outcome = response.outcome if isinstance(response, Answer) else "accepted"
            except HTTPException as error:
                if isinstance(error, Refused):
                    log.warning("%s refused: %s", source, error.why)
                    self._measures.refused(source, error.why)
                response, outcome = refusal(error), "refused"
            except Exception as error:  # noqa: BLE001  whatever went wrong, the sender shall come again
                self._measures.refused(source, "unexpected")
                response, outcome = unexpected(source, error), "refused"
            self._measures.answered(source, outcome, response.status_code, time.perf_counter() - begun)
            return response

        return guarded


def unexpected(what: str, error: Exception) -> Response:
    """A 503 for an error that nobody foresaw."""
    log_unforeseen(what, error)
    return refusal(Refused(503, "something went wrong here; send it again", "unexpected"))
