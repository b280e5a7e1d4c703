"""What every route from outside goes through: a place among those in flight, an answer in any case, and the count."""

import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from starter.answers import Answer, Outcome, refusal
from starter.limits import AT_ONCE, InFlight
from starter.metrics import Measures
from starter.refusals import Refused
from starter.unforeseen import log_unforeseen

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    """`most`: requests in flight of one source. A flood of webhooks takes no place away from a person's click."""

    def __init__(self, measures: Measures, most: int) -> None:
        self._measures = measures
        self._in_flight: dict[str, InFlight] = {}
        self._most = most
        measures.in_flight.set_function(lambda: sum(each.now for each in self._in_flight.values()))

    def guarding(self, source: str, receive: Endpoint, at_once: int = AT_ONCE) -> Endpoint:
        """The endpoint with the gate before it. `at_once`: of this source; 0 for one that can't stand in line."""
        in_flight = self._in_flight.setdefault(source, InFlight(self._most, at_once))

        async def guarded(request: Request) -> Response:
            begun = time.perf_counter()
            try:
                async with in_flight.one():
                    response = await receive(request)
                    outcome = _outcome(response)
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


def _outcome(response: Response) -> Outcome:
    if isinstance(response, Answer):
        return response.outcome
    return "accepted" if response.status_code < HTTPStatus.BAD_REQUEST else "refused"


def unexpected(what: str, error: Exception) -> Response:
    """A 503 for an error that nobody foresaw."""
    log_unforeseen(what, error)
    return refusal(Refused(503, "something went wrong here; send it again", "unexpected"))
