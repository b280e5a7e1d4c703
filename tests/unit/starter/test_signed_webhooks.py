"""Signed JSON and mail, through the whole door."""

import json
import time
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from contracts.agents import Subscription
from starter.settings import Settings
from starter.sources.signed import sign
from tests.unit.starter.conftest import TOY, House
from tests.unit.starter.sources.test_mail import MAIL
from tests.unit.starter.sources.test_signed import PAID

HEARS = TOY.model_copy(
    update={
        "listens": (
            Subscription(source="billing", kinds=("invoice.*",), entity="deal"),
            Subscription(source="mail", kinds=("mail.received",), entity="deal"),
        )
    }
)


async def post(house: House, path: str, payload: Any, secret: str, at: float | None = None) -> httpx.Response:
    house.agents = (HEARS,)
    body = json.dumps(payload).encode()
    headers = {"content-type": "application/json", "farm-signature": sign(body, secret, int(at or time.time()))}
    async with house.client() as client:
        return await client.post(path, content=body, headers=headers)


@pytest.mark.parametrize("secret", ["new", "old"])
async def test_a_signed_event_reaches_its_entity(house: House, secret: str) -> None:
    """By either secret, while one is changed."""
    answer = await post(house, "/webhooks/signed/billing", PAID, secret)
    assert (answer.status_code, answer.json()["workflows"]) == (202, ["toy:deal:42"])
    ((event,),) = [started["start_signal_args"] for started in house.temporal.started]
    assert (event.source, event.kind) == ("billing", "invoice.paid")


async def test_sent_again_it_counts_once(house: House) -> None:
    """A captured request is the same event, and its signature fits no other."""
    for outcome in ("accepted", "duplicate"):
        answer = await post(house, "/webhooks/signed/billing", PAID, "new")
        assert answer.json()["outcome"] == outcome
    assert len(house.temporal.started) == 1


@pytest.mark.parametrize(
    ("path", "secret", "late_s"),
    [
        ("/webhooks/signed/billing", "wrong", 0),
        ("/webhooks/signed/billing", "post", 0),
        ("/webhooks/signed/nobody", "new", 0),
        ("/webhooks/signed/pipedrive", "new", 0),
        ("/webhooks/signed/pipedrive", "pipedrive:secret", 0),
        ("/webhooks/signed/mail", "post", 0),
        ("/webhooks/signed/billing", "new", 400),
        ("/webhooks/mail", "new", 0),
    ],
)
async def test_who_did_not_sign_is_refused(house: House, path: str, secret: str, late_s: int) -> None:
    """A wrong secret, another source's, a source that nobody knows, an old request: 401 alike, and nothing is kept."""
    answer = await post(house, path, PAID, secret, time.time() - late_s)
    assert answer.status_code == 401
    assert (house.temporal.started, house.door.entries) == ([], [])


async def test_what_is_signed_and_no_event_is_kept_for_a_person(house: House) -> None:
    """The sender is known, so what it says isn't thrown away."""
    answer = await post(house, "/webhooks/signed/billing", PAID | {"entity": "deal 42"}, "new")
    assert (answer.status_code, answer.json()["outcome"]) == (202, "quarantined")
    assert "entity" in answer.json()["reason"]


async def test_a_mail_reaches_its_deal(house: House) -> None:
    """Signed with the secret of the source `mail`."""
    answer = await post(house, "/webhooks/mail", MAIL, "post")
    assert (answer.status_code, answer.json()["workflows"]) == (202, ["toy:deal:42"])


async def test_a_mail_about_nothing_is_ignored(house: House) -> None:
    """With the reason, and a 200: sent again it would say no more."""
    answer = await post(house, "/webhooks/mail", MAIL | {"to": "claire@chaleo.example"}, "post")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ('{"slack": ["x"]}', "slack has a way in of its own"),
        ('{"billing": ["x", ""]}', "a secret of billing can't be one: it is empty"),
        ('{"pipedrive": ["x"]}', "a secret of pipedrive can't be one: it is no <name>:<password>"),
        ('{"Billing!": ["x"]}', "should match pattern"),
    ],
)
def test_secrets_that_would_open_the_wrong_door_are_refused(
    monkeypatch: pytest.MonkeyPatch, secrets: str, says: str
) -> None:
    """When the starter starts, not when somebody comes in."""
    monkeypatch.setenv("FARM_WEBHOOK_USERNAME", "pipedrive")
    monkeypatch.setenv("FARM_WEBHOOK_PASSWORD", "secret")
    monkeypatch.setenv("FARM_SOURCE_SECRETS", secrets)
    with pytest.raises(ValidationError, match=says):
        Settings()
