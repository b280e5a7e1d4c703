"""What came back from a tool's server, in whatever way: an answer, a refusal, or nothing at all."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from activities.failures import tool_failure
from activities.mcp import NotSent, Outcome, ToolServers, UnknownServer
from activities.picking import picked
from contracts.calls import ToolCall, ToolReply
from contracts.failures import Failure

log = logging.getLogger(__name__)

PREVIEW = 300
# Of a result that is as it should be, enough for a reader of the Temporal UI to know which it was.
GLANCE = 80
# What a workflow may want to read of a result stays in Temporal's history; anything longer is behind the reference.
INLINE_BYTES = 1024
LONGEST_URL = 500


@dataclass(frozen=True)
class Answer:
    """What a call brought. `failure` is None where it did what it should; `at` is when it was made."""

    outcome: Outcome
    failure: Failure | None
    at: datetime

    @property
    def latency_s(self) -> float:
        return (datetime.now(UTC) - self.at).total_seconds()

    def reply(self, pick: Sequence[str] = ()) -> ToolReply:
        """For the workflow, but for the reference of the whole text. `pick`: what the workflow wants to read of it."""
        data = self.outcome.data
        return ToolReply(
            ref="",
            preview=self.outcome.text[: PREVIEW if self.failure else GLANCE],
            is_error=self.failure is not None,
            data=picked(data, pick) if pick else short(data),
            url=_url(data),
            failure=self.failure.kind if self.failure else None,
        )


async def answer_of(servers: ToolServers, call: ToolCall) -> Answer:
    """Make the call and say what came of it. Nothing is raised but a cancellation."""
    at = datetime.now(UTC)
    try:
        outcome = await servers.call(call)
    except UnknownServer as error:
        return _none(at, Failure(kind="permanent", message=f"permanent: {error}", nothing_done=True))
    except NotSent as error:
        return _none(at, _passing(call, error, nothing_done=True))
    except Exception as error:  # noqa: BLE001  whatever a transport raises, no answer was heard: passing
        return _none(at, _passing(call, error, nothing_done=False))
    failure = tool_failure(outcome.text, outcome.code, datetime.now(UTC)) if outcome.is_error else None
    return Answer(outcome, failure, at)


def _url(data: dict[str, JsonValue]) -> str:
    url = data.get("url")
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL else ""


def short(data: dict) -> dict:  # type: ignore[type-arg]
    """Structured data where it is short enough for Temporal's history, else nothing."""
    return data if len(json.dumps(data)) <= INLINE_BYTES else {}


def _passing(call: ToolCall, error: Exception, *, nothing_done: bool) -> Failure:
    log.warning("%s.%s: %s", call.server, call.tool, error)
    message = f"passing: {call.server} did not answer: {error}"[:300]
    return Failure(kind="passing", message=message, nothing_done=nothing_done)


def _none(at: datetime, failure: Failure) -> Answer:
    return Answer(Outcome(text=failure.message, data={}, is_error=True), failure, at)
