"""From a source's payload to an event within bounds, or to the reason why nobody can read it. Pure."""

import logging
from typing import Any

from contracts.events import Event
from starter.sources.bounds import bounded
from starter.sources.catalogue import Catalogue, reader_of
from starter.sources.no_event import Ignored, MalformedWebhookError
from starter.sources.traces import NONE, Traces

log = logging.getLogger(__name__)


class UnreadableError(ValueError):
    """No event can be made of it; the message says why."""


def read_event(known: Catalogue, source: str, payload: Any) -> Event | Ignored:
    """What a payload of this source says. Raises UnreadableError, also where the normaliser itself fails."""
    try:
        found = reader_of(source, known).read(payload)
        return bounded(found) if isinstance(found, Event) else found
    except MalformedWebhookError as error:
        raise UnreadableError(str(error)) from error
    except Exception as error:
        # No text of an unforeseen error: it may hold the payload's.
        raise UnreadableError(f"reading it failed: {type(error).__name__}") from error


def read_traces(known: Catalogue, source: str, payload: Any) -> Traces:
    """What shows in a payload, which could be read, of the write behind it."""
    try:
        return reader_of(source, known).traces(payload)
    except Exception as error:  # noqa: BLE001  the event itself could be read, and goes on as a stranger's
        log.error("no fingerprints of an event of %s: %s", source, type(error).__name__)  # noqa: TRY400
        return NONE
