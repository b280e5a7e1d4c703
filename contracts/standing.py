"""Consent given beforehand: calls of one kind that run without being asked about, until a day is over."""

from datetime import date, datetime

from contracts.frozen import Frozen


class WantedCall(Frozen):
    """A call about which policy wants a person asked: whose, for which entity, and by which rule (its key)."""

    agent: str
    entity: str
    tool: str
    rule: str


class StandingConsent(Frozen):
    """Somebody said yes to all such calls. It holds for the very rule that asked: one of other words asks anew."""

    approval: str
    """The question to which it was said; its name too."""

    agent: str
    entity: str
    """Empty for every entity of the agent."""

    tool: str
    rule: str
    until: date
    """Its last day, UTC."""

    by: str
    channel: str
    given_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""


class FoundConsent(Frozen):
    """What was said beforehand of a call; None where nothing was, or not any more."""

    consent: StandingConsent | None = None
