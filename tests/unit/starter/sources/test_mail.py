"""Mail as an inbound service posts it."""

from typing import Any

import pytest

from contracts.events import Event
from starter.sources.mail import normalise
from starter.sources.no_event import Ignored, MalformedWebhookError

MAIL: dict[str, Any] = {
    "message_id": "<CAF1@mail.batisseurs-rhone.example>",
    "from": "Julien Moreau <J.Moreau@batisseurs-rhone.example>",
    "to": ["Chaleo <deals+42@in.chaleo.example>"],
    "received_at": "2026-11-23T08:26:30+01:00",
    "subject": "Devis, tranche 2",
    "text": "Bonjour,\n\nNous passons à 80 radiateurs.",
    "spf": "pass",
}


def test_a_mail_becomes_an_event() -> None:
    """Its Message-ID tells a second delivery; the address says which deal."""
    event = normalise(MAIL)
    assert isinstance(event, Event)
    assert (event.id, event.source, event.kind, str(event.entity)) == (
        "<CAF1@mail.batisseurs-rhone.example>",
        "mail",
        "mail.received",
        "deal:42",
    )
    assert event.actor == "mail:j.moreau@batisseurs-rhone.example"
    assert event.summary.endswith("Devis, tranche 2. Bonjour, Nous passons à 80 radiateurs.")
    assert event.outside


@pytest.mark.parametrize(
    ("changed", "entity"),
    [
        ({"to": "deal+7@in.chaleo.example"}, "deal:7"),
        ({"to": ["claire@chaleo.example", "DEALS+8@in.chaleo.example"]}, "deal:8"),
        ({"to": "claire@chaleo.example", "subject": "Re: [deal:9] devis"}, "deal:9"),
        ({"to": "persons+15@in.chaleo.example", "subject": "[deal:9]"}, "person:15"),
    ],
)
def test_the_address_says_what_it_is_about_and_else_the_subject(changed: dict[str, Any], entity: str) -> None:
    """The first address with a number behind a plus counts."""
    event = normalise(MAIL | changed)
    assert isinstance(event, Event)
    assert str(event.entity) == entity


def test_a_mail_about_nothing_is_ignored() -> None:
    """With the reason."""
    found = normalise(MAIL | {"to": "claire@chaleo.example"})
    assert isinstance(found, Ignored)
    assert "neither by its address nor in its subject" in found.reason


def test_a_long_mail_is_cut() -> None:
    """The summary is for a model to read first."""
    event = normalise(MAIL | {"text": "mot " * 5000, "subject": "s" * 900})
    assert isinstance(event, Event)
    assert len(event.summary) == 500


@pytest.mark.parametrize(
    ("name", "value"), [("message_id", ""), ("from", None), ("received_at", "yesterday"), ("to", 7)]
)
def test_what_is_no_mail_is_said_by_its_field(name: str, value: Any) -> None:
    """So that the service can be set up right."""
    with pytest.raises(MalformedWebhookError, match=f"^{name}"):
        normalise(MAIL | {name: value})
