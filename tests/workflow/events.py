"""Events as the starter would send them."""

from datetime import UTC, datetime

from contracts.events import Change, EntityRef, Event


def deal_event(number: int, kind: str = "deal.change", deal: str = "42", **changes: object) -> Event:
    return Event(
        id=f"event-{number}",
        source="pipedrive",
        kind=kind,
        entity=EntityRef(kind="deal", id=deal),
        occurred_at=datetime(2026, 3, 2, 9, 0, number, tzinfo=UTC),
        actor="pipedrive:user:11",
        summary=f"news {number}",
        changes={field: Change(old=None, new=value) for field, value in changes.items()},
    )
