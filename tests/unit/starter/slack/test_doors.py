"""What people say in Slack, through the whole door."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier
from temporalio.client import Client

from contracts.agents import Subscription
from contracts.approvals import ApprovalRecord, ApprovalRequest
from sandbox.slack.block_rules import view_faults
from starter.intake.delivery import Delivery
from starter.people import People
from starter.slack import patience
from starter.slack.waiting import Waiting
from tests.unit.starter.conftest import SECRET, TOY, House, basic
from tests.unit.starter.payloads import deal_change
from tests.unit.starter.sources.test_slack import form, sent
from tests.unit.workflows.samples import request

HEARS = TOY.model_copy(update={"listens": (Subscription(source="slack", kinds=("slack.*",), entity="deal"),)})


async def post(house: House, path: str, body: bytes, secret: str = SECRET) -> httpx.Response:
    """As Slack signs: https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    house.agents = (HEARS,)
    async with house.client() as client:
        return await client.post(path, content=body, headers=signed(body, secret))


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    now = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    return {"x-slack-request-timestamp": now, "x-slack-signature": str(signature)}


async def said(house: House, payload: Any, secret: str = SECRET) -> httpx.Response:
    return await post(house, "/slack/events", json.dumps(payload).encode(), secret)


async def test_slack_gets_its_word_back(house: House) -> None:
    """So that the address can be entered in the app's settings."""
    answer = await said(house, {"type": "url_verification", "challenge": "3eZbrw1aB"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})


async def test_a_mention_reaches_the_deal_that_it_names_once(house: House) -> None:
    """Slack sends it again where the first answer was lost."""
    assert [(await said(house, sent())).json()["outcome"] for _ in range(2)] == ["accepted", "duplicate"]
    ((event,),) = [started["start_signal_args"] for started in house.temporal.started]
    assert (event.kind, str(event.entity), event.actor) == ("slack.mention", "deal:42", "slack:user:U0CLAIRE")


async def test_who_is_not_slack_is_refused(house: House) -> None:
    """Even when asking for its word back."""
    answer = await said(house, {"type": "url_verification", "challenge": "x"}, secret="another")
    assert (answer.status_code, house.temporal.started) == (401, [])


async def test_what_cannot_be_understood_is_acknowledged(house: House) -> None:
    """Slack switches off the events of an app that refuses too many."""
    answer = await said(house, {"type": "event_callback"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")


async def test_a_command_is_answered_to_its_sender_alone(house: House) -> None:
    """With what becomes of it."""
    answer = await post(house, "/slack/commands", form("deal:42 the client called"))
    assert answer.json()["response_type"] == "ephemeral"
    assert "deal:42" in answer.json()["text"]
    ((event,),) = [started["start_signal_args"] for started in house.temporal.started]
    assert (event.kind, event.summary) == ("slack.command", "the client called")


@pytest.mark.parametrize(
    ("text", "told"), [("help", "Say what it is about"), ("person:7 call him", "not taken: no agent listens")]
)
async def test_a_command_that_comes_to_nothing_says_so(house: House, text: str, told: str) -> None:
    """And how it is done."""
    answer = await post(house, "/slack/commands", form(text))
    assert (answer.status_code, told in answer.json()["text"]) == (200, True)


async def test_slack_is_answered_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that isn't safe yet is asked for again, before Slack gives up by itself."""

    async def hangs(*_: object, **__: object) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    monkeypatch.setattr(house.temporal, "start_workflow", hangs)
    answer = await said(house, sent())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    told = await post(house, "/slack/commands", form("deal:42 hello"))
    assert (told.status_code, "not taken" in told.json()["text"]) == (200, True)


async def test_a_body_that_takes_its_time_leaves_less_for_the_rest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack's three seconds begin with the request, not with its last byte."""
    body = json.dumps(sent()).encode()
    headers = signed(body)

    async def late() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        yield body

    house.agents = (HEARS,)
    house.temporal.hangs = True  # and would be given up for the spool after 0.2 s more
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    async with house.client() as client:
        answer = await client.post("/slack/events", content=late(), headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (503, "it was not stored in time")


async def test_a_flood_of_webhooks_takes_no_place_of_slacks(house: House) -> None:
    """With every place of the CRM's taken, and Temporal silent, an event, a command and a click are looked at."""
    house.in_flight = 1
    house.temporal.hangs = True
    house.agents = (HEARS, TOY)
    async with house.client() as client:
        by_crm = {"json": deal_change(), "headers": {"authorization": basic()}}
        flood = asyncio.create_task(client.post("/webhooks/pipedrive", **by_crm))
        await asyncio.sleep(0.05)
        crowd = await client.post("/webhooks/pipedrive", **by_crm)
        for path, body in (
            ("/slack/events", json.dumps(sent()).encode()),
            ("/slack/commands", form("deal:42 hello")),
            ("/slack/interactions", b"payload={}"),
        ):
            answer = await client.post(path, content=body, headers=signed(body))
            assert answer.status_code in {200, 202}, path
    assert (crowd.status_code, (await flood).status_code) == (503, 202)


async def test_temporal_gets_less_time_for_slack_and_what_it_misses_is_on_disk(house: House) -> None:
    """The event is safe before Slack gives up, and nobody else takes Temporal for away because of it."""
    house.delivery = Delivery(cast("Client", house.temporal), timedelta(hours=1))
    house.temporal.hangs = True
    answer = await said(house, sent())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "spooled")
    assert not house.delivery.away
    house.delivery.away = True
    house.temporal.hangs = False
    assert (await said(house, sent(ts="1795000001.0") | {"event_id": "Ev2"})).json()["outcome"] == "spooled"
    assert house.temporal.started == []


def waits(house: House, *questions: ApprovalRequest) -> None:
    house.approvals.records = {each.id: ApprovalRecord(request=each) for each in questions}


def asked(name: str, **fields: Any) -> ApprovalRequest:
    return request(name, **{"expires_at": datetime.now(UTC) + timedelta(hours=1), "approvers": ("U0TOM",), **fields})


async def told(house: House) -> str:
    answer = await post(house, "/slack/commands", form(" "))
    assert (answer.status_code, answer.json()["response_type"]) == (200, "ephemeral")
    return str(answer.json()["text"])


async def test_the_command_alone_tells_what_waits_for_whoever_typed_it(house: House) -> None:
    """By id, with what would happen, as text that calls nobody; what waits for others is a line, what is over none."""
    waits(
        house,
        asked("a1", what="send mail: <!channel>", risk="high"),
        asked("a2", approvers=("U0CLAIRE",)),
        asked("a3", approvers=()),
        asked("a4", expires_at=datetime.now(UTC)),
    )
    lines = (await told(house)).splitlines()
    assert lines[0] == "*2 questions wait for you:*"
    assert lines[1].startswith("• `a1` sales, deal:42: send mail: &lt;!channel&gt; (until ")
    assert lines[1].endswith("UTC). *High risk.*")
    assert lines[2].startswith("• `a3` sales")
    assert lines[3:] == ["1 question waits for others."]
    assert house.temporal.started == []


async def test_a_question_leads_to_its_page(house: House) -> None:
    """Where people's browsers reach the starter."""
    waits(house, asked("a1"))
    waiting = Waiting(house.approvals, People(house.agents), "https://farm.example")
    assert "• <https://farm.example/approvals/a1|a1> sales, deal:42" in await waiting.for_whom("U0TOM")


async def test_a_long_list_is_cut(house: House) -> None:
    """With how many there are, and where they all stand."""
    waits(house, *(asked(f"a{n}", what="x" * 3000) for n in range(70)))
    text = await told(house)
    assert "*70 questions wait for you:*" in text
    assert "and 50 more: `./farm approvals`" in text
    assert len(text) < 10_000


async def test_nothing_waits(house: House) -> None:
    assert await told(house) == "Nothing waits for you."


@pytest.mark.parametrize("hangs", [True, False])
async def test_a_store_that_is_away_is_said(house: House, hangs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time, too."""
    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    house.approvals.hangs, house.approvals.away = hangs, OSError("gone")
    assert "couldn't be read just now" in await told(house)


def opened_home(tab: str = "home") -> dict[str, Any]:
    """https://docs.slack.dev/reference/events/app_home_opened"""
    event = {"type": "app_home_opened", "user": "U0TOM", "channel": "D0TOM", "tab": tab, "event_ts": "1795000000.1"}
    return {"type": "event_callback", "event_id": "Ev9", "team_id": "T0CHALEO", "event": event}


async def test_the_home_tab_tells_the_same(house: House) -> None:
    """Published for whoever opened it, once Slack has its answer; no agent hears of it."""
    waits(house, *(asked(f"a{n}", what="&" * 3000) for n in range(30)))
    answer = await said(house, opened_home())
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")
    (published,) = house.slack.published
    assert published["user_id"] == "U0TOM"
    assert view_faults(published["view"]) == []
    assert "30 questions wait for you" in published["view"]["blocks"][0]["text"]["text"]
    assert house.temporal.started == []


async def test_another_tab_or_a_slack_that_is_away_shows_nothing(house: House) -> None:
    """And is acknowledged all the same."""
    assert (await said(house, opened_home("messages"))).status_code == 200
    assert house.slack.published == []
    house.slack.away = SlackClientError("away")
    assert (await said(house, opened_home())).status_code == 200
