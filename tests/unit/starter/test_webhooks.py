from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import Subscription
from contracts.workflows import EntityState
from tests.unit.starter.conftest import TOY, House, basic
from tests.unit.starter.payloads import deal_change, note, webhook

ON_DEAL_42 = {"agent": "toy", "entity": {"kind": "deal", "id": "42"}}


async def test_an_event_goes_to_the_workflow_of_its_deal(house: House) -> None:
    """202 means: the deal's workflow, started if need be, has the event."""
    answer = await house.webhook(deal_change())
    assert answer.status_code == 202
    assert answer.json() == {
        "outcome": "accepted",
        "event": "5f1c2d9e-1111-4222-8333-444455556666",
        "workflows": ["toy:deal:42"],
    }
    (started,) = house.temporal.started
    assert (started["workflow"], started["id"], started["task_queue"]) == ("ToyDeal", "toy:deal:42", "agent-toy")
    assert started["arg"] == EntityState.model_validate(ON_DEAL_42)
    assert started["start_signal"] == "event"
    assert [event.kind for event in started["start_signal_args"]] == ["deal.change"]
    assert {pair.key.name: pair.value for pair in started["search_attributes"]} == {
        "AgentName": "toy",
        "EntityId": "deal:42",
    }


async def test_what_was_accepted_is_written_down(house: House) -> None:
    """The store's book names the event, the agent and the workflow that has it."""
    await house.webhook(deal_change())
    (entry,) = house.door.entries
    assert (entry.outcome, entry.agent, entry.workflow_id) == ("accepted", "toy", "toy:deal:42")


async def test_a_re_delivery_is_handed_over_and_written_down_as_one(house: House) -> None:
    """The workflow counts it once; nothing is lost where the first delivery got half the way."""
    await house.webhook(deal_change())
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "duplicate")
    assert len(house.temporal.started) == 2
    assert [entry.outcome for entry in house.door.entries] == ["accepted", "duplicate"]


async def test_our_own_write_is_left_out(house: House) -> None:
    """An event by the user whose token we hold is answered 200, written down, and goes nowhere."""
    answer = await house.webhook(deal_change() | {"meta": deal_change()["meta"] | {"user_id": "90"}})
    assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored", "reason": "own write"})
    assert house.temporal.started == []
    assert [(entry.outcome, entry.reason) for entry in house.door.entries] == [("ignored", "own write")]


async def test_while_the_crm_does_not_say_who_we_are_events_are_put_off(house: House) -> None:
    """Taking one then could start a loop of answers to ourselves; the sender tries again."""
    house.crm_status = 502
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert house.temporal.started == []


async def test_every_agent_that_listens_gets_it(house: House) -> None:
    """Two agents on one kind of event are two workflows."""
    house.agents = (TOY, TOY.model_copy(update={"name": "other"}))
    answer = await house.webhook(deal_change())
    assert answer.json()["workflows"] == ["toy:deal:42", "other:deal:42"]


async def test_what_nobody_listens_to_is_answered_and_written_down(house: House) -> None:
    """It is no error of the sender's, so nothing is sent again."""
    listens = (Subscription(source="pipedrive", kinds=("activity.*",), entity="deal"),)
    house.agents = (TOY.model_copy(update={"listens": listens}),)
    answer = await house.webhook(note())
    assert (answer.status_code, answer.json()["reason"]) == (200, "no agent listens")
    assert [entry.outcome for entry in house.door.entries] == ["ignored"]


async def test_what_concerns_no_deal_is_answered_200(house: House) -> None:
    """A 4xx would make Pipedrive ban the webhook."""
    answer = await house.webhook(note(deal_id=None))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")


@pytest.mark.parametrize(
    "away",
    [
        RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b""),
        RPCError("exhausted", RPCStatusCode.RESOURCE_EXHAUSTED, b""),
        RuntimeError("Failed client connect: connection refused"),
    ],
)
async def test_without_temporal_the_sender_is_asked_to_come_again(house: House, away: Exception) -> None:
    """Nothing is acknowledged before it is safe."""
    house.temporal.away = away
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert house.door.entries == []


async def test_a_temporal_that_says_nothing_counts_as_away(house: House) -> None:
    """The answer comes within the patience, and it is a 503."""
    house.temporal.hangs = True
    assert (await house.webhook(deal_change())).status_code == 503


@pytest.mark.parametrize("away", [OperationalError("insert", {}, Exception("locked")), OSError("disk full")])
async def test_a_store_that_is_away_loses_no_event(house: House, away: Exception) -> None:
    """Temporal has the event; only the note about it is missing."""
    house.door.away = away
    assert (await house.webhook(deal_change())).status_code == 202
    assert len(house.temporal.started) == 1


@pytest.mark.parametrize("authorization", ["", "Basic x", basic("wrong"), "Bearer secret"])
async def test_strangers_are_turned_away(house: House, authorization: str) -> None:
    """401 with a challenge, before anything of the body is read."""
    answer = await house.webhook(deal_change(), authorization=authorization)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.json()["outcome"] == "refused"


async def test_an_older_password_still_opens(house: House) -> None:
    """Changing a password loses no webhook."""
    assert (await house.webhook(deal_change(), authorization=basic("older"))).status_code == 202


def post(body: bytes, content_type: str = "application/json") -> dict[str, Any]:
    return {"content": body, "headers": {"authorization": basic(), "content-type": content_type}}


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        (post(b"{}", "text/plain"), 415, "content-type"),
        (post(b""), 400, "not JSON"),
        (post(b"{'a': 1}"), 400, "not JSON"),
        (post(b"[" * 100_000), 400, "not JSON"),
        (post(b'{"a": NaN}'), 400, "not JSON"),
        (post(b'{"a": "\\ud800"}'), 400, "not JSON"),
        (post(b"\xff\xfe"), 400, "not JSON"),
        (post(b"null"), 422, "payload"),
        (post(b"[]"), 422, "payload"),
        (post(b'{"meta": {}}'), 422, "meta."),
        (post(b" " * 1_000_001), 413, "larger than 1000000 bytes"),
    ],
)
async def test_a_bad_body_gets_its_status_and_a_reason(
    house: House, request_: dict[str, Any], status: int, reason: str
) -> None:
    """Whatever is sent, the answer is a 4xx that says why, in JSON."""
    async with house.client() as client:
        answer = await client.post("/webhooks/pipedrive", **request_)
    assert answer.status_code == status
    assert reason in answer.json()["reason"]


async def test_a_body_of_unknown_length_is_cut_off_too(house: House) -> None:
    """The limit holds for a stream without a Content-Length."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    async with house.client() as client:
        answer = await client.post("/webhooks/pipedrive", **post(endless()))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "payload",
    [
        webhook({"id": 42, "title": 7, "value": "much"}, {"title": [], "value": {"a": None}}),
        webhook({}, {}),
        webhook(None, None),
        deal_change(**{f"field_{n}": "x" * 1000 for n in range(200)}),
    ],
)
async def test_odd_but_sound_payloads_are_taken(house: House, payload: Any) -> None:
    """Fields of another type than usual are the CRM's business."""
    assert (await house.webhook(payload)).status_code == 202


async def test_another_method_or_path_is_refused_in_json(house: House) -> None:
    """Also what Starlette itself refuses has a reason in JSON."""
    async with house.client() as client:
        wrong_method: httpx.Response = await client.get("/webhooks/pipedrive")
        wrong_path: httpx.Response = await client.get("/nothing")
    assert (wrong_method.status_code, wrong_method.json()["outcome"]) == (405, "refused")
    assert (wrong_path.status_code, wrong_path.json()["outcome"]) == (404, "refused")
