"""From a source's payload to an event within bounds, or to the reason why nobody can read it. Pure."""

from typing import Any

from contracts.events import Event
from starter.bounds import bounded
from starter.pipedrive import Ignored, MalformedWebhookError, normalise

NORMALISERS = {"pipedrive": normalise}
"""By source."""


class UnreadableError(ValueError):
    """No event can be made of it; the message says why."""


def read_event(source: str, payload: Any) -> Event | Ignored:
    """What a payload of this source says. Raises UnreadableError, also where the normaliser itself fails."""
    try:
        found = NORMALISERS[source](payload)
        return bounded(found) if isinstance(found, Event) else found
    except MalformedWebhookError as error:
        raise UnreadableError(str(error)) from error
    except Exception as error:
        # No text of an unforeseen error: it may hold the payload's.
        raise UnreadableError(f"reading it failed: {type(error).__name__}") from error
