"""What an event shows of the write behind it: fingerprints to compare with what the farm has announced."""

from dataclasses import dataclass

from contracts.fingerprints import Fingerprint


@dataclass(frozen=True)
class Trace:
    """One fingerprint, and what of the event it explains: the field itself, and those that the source moves with it."""

    print: Fingerprint
    explains: frozenset[str]


@dataclass(frozen=True)
class Traces:
    """All of one event. `fields`: what is to be explained; nothing is known of an event without any."""

    about: str = ""
    fields: frozenset[str] = frozenset()
    traces: tuple[Trace, ...] = ()


NONE = Traces()


def no_traces(_: object) -> Traces:
    """Of a source that the farm doesn't write to."""
    return NONE
