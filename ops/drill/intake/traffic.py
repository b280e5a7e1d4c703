"""What `drill intake` and `bench intake` send: bursts of webhooks, deal by deal, some twice and some garbage. Pure."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from contracts.events import Event
from starter.sources.pipedrive import normalise

Kind = Literal["news", "again", "garbage"]

AT_ONCE_DEALS = 25
"""Deals of one burst."""

AGAIN_SHARE = GARBAGE_SHARE = 0.01
GARBAGE = (b"", b"{", b"[]", b'{"meta": 1}', b'{"meta": {"version": "2.0"}}', b"\xff\xfe", b'{"a": 1e999}')


@dataclass(frozen=True)
class Traffic:
    """How much of it."""

    events: int
    deals: int
    first_deal: int = 1


@dataclass(frozen=True)
class Letter:
    """One request's body. `event`, its id, and `deal` are empty and 0 for garbage."""

    kind: Kind
    body: bytes
    event: str = ""
    deal: int = 0


def letters(traffic: Traffic) -> Iterator[Letter]:
    """The same for the same traffic: `events` requests in all."""
    dice = random.Random(4)  # noqa: S311  the same each time is what is wanted
    sent: list[Letter] = []
    for number in range(traffic.events):
        rolled = dice.random()
        if rolled < GARBAGE_SHARE:
            yield Letter("garbage", dice.choice(GARBAGE))
        elif sent and rolled < GARBAGE_SHARE + AGAIN_SHARE:
            earlier = dice.choice(sent)
            yield Letter("again", earlier.body, earlier.event, earlier.deal)
        else:
            letter = _news(traffic, number)
            sent.append(letter)
            yield letter


def events(traffic: Traffic) -> Iterator[Event]:
    """The same news as events: for handing them to Temporal without a starter."""
    for number in range(traffic.events):
        event = normalise(webhook(traffic, number))
        assert isinstance(event, Event)
        yield event


def _news(traffic: Traffic, number: int) -> Letter:
    body = json.dumps(webhook(traffic, number)).encode()
    return Letter("news", body, f"news-{traffic.first_deal}-{number}", deal_of(traffic, number))


def deal_of(traffic: Traffic, number: int) -> int:
    """Bursts: all of one group's events, then the next group's."""
    groups = ceil(traffic.deals / AT_ONCE_DEALS)
    group = number * groups // traffic.events
    return traffic.first_deal + (group * AT_ONCE_DEALS + number % AT_ONCE_DEALS) % traffic.deals


def webhook(traffic: Traffic, number: int) -> dict[str, Any]:
    """A deal's change as Pipedrive sends it: https://pipedrive.readme.io/docs/guide-for-webhooks-v2"""
    deal = deal_of(traffic, number)
    meta = {
        "version": "2.0",
        "action": "change",
        "entity": "deal",
        "company_id": "7100042",
        "entity_id": str(deal),
        "id": f"news-{traffic.first_deal}-{number}",
        "timestamp": "2026-11-17T09:12:33.120Z",
        "user_id": "11",
        "change_source": "app",
        "attempt": 1,
        "host": "chaleo.pipedrive.com",
    }
    data = {"id": deal, "title": f"Deal {deal}", "value": number, "currency": "EUR", "status": "open", "stage_id": 3}
    return {"meta": meta, "data": data, "previous": {"value": number - 1}}
