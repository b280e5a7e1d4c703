import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import Subscription
from contracts.events import Event
from contracts.fingerprints import Fingerprint
from contracts.workflows import EntityState
from starter.intake import accepting
from starter.intake.delivery import Delivery
from store.own_writes import Recognised
from tests.unit.starter.conftest import PATIENCE, TOY, House, basic
from tests.unit.starter.fakes import FakeDoor
from tests.unit.starter.payloads import META, deal_change, note, webhook

OUTAGE = RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b"")
BY_TOY = Recognised(Fingerprint.of("deal:42", "stage_id", 3), "toy:deal:42/run-1", 1)
PEOPLE = Subscription(source="pipedrive", kinds=("person.*",), entity="person")
ON_DEAL_42 = {"agent": "toy", "entity": {"kind": "deal", "id": "42"}}


def on_deal(deal: str) -> dict[str, Any]:
    """A change of another deal, with an id of its own."""
    return deal_change() | {"meta": META | {"entity_id": deal, "id": f"of {deal}"}}


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


async def test_a_re_delivery_is_written_down_and_goes_nowhere(house: House) -> None:
    """The receipt tells it."""
    await house.webhook(deal_change())
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "duplicate")
    assert len(house.temporal.started) == 1
    assert [entry.outcome for entry in house.door.entries] == ["accepted", "duplicate"]


async def test_our_own_write_is_left_out(house: House) -> None:
    """An event by the user whose token we hold is answered 200, written down, and goes nowhere."""
    answer = await house.webhook(deal_change() | {"meta": deal_change()["meta"] | {"user_id": "90"}})
    assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored", "reason": "own write"})
    assert house.temporal.started == []
    assert [(entry.outcome, entry.reason) for entry in house.door.entries] == [("ignored", "own write")]


async def test_while_the_crm_does_not_say_who_we_are_events_are_taken(house: House) -> None:
    """A sender gives up after minutes, and a CRM may be away for longer. The fingerprints tell our own meanwhile."""
    house.crm_status = 502
    assert (await house.webhook(deal_change())).json()["outcome"] == "accepted"
    assert counted(house, "farm_own_writes_unsure_total", missing="own_user") == 1


async def test_our_own_write_under_another_user_is_left_out(house: House) -> None:
    """By its fingerprint: the actor is a person, whose token we share. The book says in which run it was."""
    house.door.own_writes = [BY_TOY]
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored", "reason": "own write (fingerprint)"})
    assert house.temporal.started == []
    (entry,) = house.door.entries
    assert (entry.outcome, entry.reason) == ("ignored", "own write (fingerprint)")
    assert entry.event.summary.endswith("[written by toy:deal:42/run-1]")
    assert counted(house, "farm_own_writes_total", by="fingerprint") == 1


async def test_another_agent_that_asks_for_it_hears_it(house: House) -> None:
    """One hop further from a person; its author doesn't, and the book says so."""
    house.door.own_writes = [BY_TOY]
    curious = tuple(each.model_copy(update={"hears_farm": True}) for each in TOY.listens)
    house.agents = (TOY, TOY.model_copy(update={"name": "other", "listens": curious}))
    answer = await house.webhook(deal_change())
    assert answer.json()["workflows"] == ["other:deal:42"]
    assert [each["start_signal_args"][0].hop for each in house.temporal.started] == [1]
    said = [(entry.agent, entry.outcome, entry.reason) for entry in house.door.entries]
    assert said == [("other", "accepted", ""), ("toy", "ignored", "own write (fingerprint)")]


async def test_a_person_who_did_more_is_heard(house: House) -> None:
    """An event of our field and another's is everybody's, whole."""
    house.door.own_writes = [BY_TOY]
    answer = await house.webhook(deal_change(stage_id=2, value=48600))
    assert answer.json()["outcome"] == "accepted"
    (started,) = house.temporal.started
    assert started["start_signal_args"][0].changes.keys() == {"stage_id", "value"}


async def test_while_the_store_is_away_events_are_taken_as_strangers(house: House) -> None:
    """Nobody can say whose they are, and the breaker stands behind."""
    house.door.own_writes = [BY_TOY]
    house.door.away = OSError("no such host")
    assert (await house.webhook(deal_change())).json()["outcome"] == "accepted"
    assert counted(house, "farm_own_writes_unsure_total", missing="store") == 1


def counted(house: House, name: str, **labels: str) -> float | None:
    return house.measures.registry.get_sample_value(name, labels)


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


async def test_news_of_what_no_agent_looks_after_costs_no_row(house: House) -> None:
    """A CRM tells of every person and product: answered, and neither asked about nor written down."""
    house.crm_status = 502
    answer = await house.webhook(webhook({"id": 15, "name": "Julien"}, {}, entity="person", entity_id="15"))
    assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored", "reason": "no agent listens"})
    assert house.door.entries == []


async def test_an_agent_hears_of_a_person_it_listens_to(house: House) -> None:
    """As of a deal: one workflow for each."""
    house.agents = (TOY.model_copy(update={"listens": (PEOPLE,)}),)
    answer = await house.webhook(webhook({"id": 15, "name": "Julien"}, {}, entity="person", entity_id="15"))
    assert (answer.status_code, answer.json()["workflows"]) == (202, ["toy:person:15"])


async def test_what_concerns_nothing_is_answered_200(house: House) -> None:
    """A 4xx would make Pipedrive ban the webhook."""
    answer = await house.webhook(note(deal_id=None, person_id=None))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")


@pytest.mark.parametrize(
    "away",
    [
        RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b""),
        RPCError("exhausted", RPCStatusCode.RESOURCE_EXHAUSTED, b""),
        RPCError("Namespace is not set up: no mapping for search attribute", RPCStatusCode.INVALID_ARGUMENT, b""),
        RuntimeError("Failed client connect: connection refused"),
    ],
)
async def test_without_temporal_the_event_is_kept_on_disk(house: House, away: Exception) -> None:
    """It is accepted, and says how."""
    house.temporal.away = away
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "spooled")
    assert [workflow for _, workflow in house.door.spooled] == ["toy:deal:42"]


async def test_a_temporal_that_says_nothing_counts_as_away(house: House) -> None:
    """The answer comes within the patience."""
    house.temporal.hangs = True
    assert (await house.webhook(deal_change())).json()["outcome"] == "spooled"


async def test_the_next_one_does_not_wait_for_a_temporal_that_is_away(house: House) -> None:
    """Once it gave no answer, events go to disk at once; whoever empties the spool finds out when it is back."""
    house.delivery = Delivery(cast("Client", house.temporal), PATIENCE)
    house.temporal.hangs = True
    await house.webhook(deal_change())
    house.temporal.hangs = False
    assert (await house.webhook(on_deal("43"))).json()["outcome"] == "spooled"
    assert house.temporal.started == []


async def test_an_event_goes_behind_those_that_wait_for_its_deal(house: House) -> None:
    """Temporal is back, the deal's first event is in the spool still: the second one queues; another deal's doesn't."""
    house.temporal.away = OUTAGE
    await house.webhook(deal_change())
    house.temporal.away = None
    second = deal_change() | {"meta": META | {"id": "second"}}
    assert (await house.webhook(second)).json()["outcome"] == "spooled"
    assert (await house.webhook(on_deal("43"))).json()["outcome"] == "accepted"
    assert [event.id for event, _ in house.door.spooled] == [META["id"], "second"]


async def test_a_spooled_event_that_is_sent_again_is_a_duplicate(house: House) -> None:
    """It is safe already."""
    house.temporal.away = OUTAGE
    await house.webhook(deal_change())
    assert (await house.webhook(deal_change())).json()["outcome"] == "duplicate"
    assert len(house.door.spooled) == 1


@pytest.mark.parametrize("away", [{"away": OSError("disk full")}, {"hangs": True}])
async def test_with_both_away_the_sender_is_asked_to_come_again(
    house: House, away: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acknowledged before it is safe."""
    monkeypatch.setattr(accepting, "LOOK", 0.1)
    monkeypatch.setattr(accepting, "KEEP", 0.1)
    house.temporal.away = OUTAGE
    house.door = FakeDoor(**away)
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["outcome"]) == (503, "5", "refused")


async def test_what_temporal_refuses_for_good_goes_into_quarantine(house: House) -> None:
    """No row that would be tried without end; a person can look at it, and at why."""
    house.temporal.away = RPCError("WorkflowId length exceeds limit", RPCStatusCode.INVALID_ARGUMENT, b"")
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "quarantined")
    assert house.door.spooled == []
    (kept,) = house.door.kept
    assert "length exceeds limit" in kept.reason
    assert Event.model_validate_json(kept.body).id == META["id"]


async def test_of_two_agents_each_goes_its_own_way(house: House) -> None:
    """One has a receipt already: only the other gets it."""
    await house.webhook(deal_change())
    house.agents = (TOY, TOY.model_copy(update={"name": "other"}))
    assert (await house.webhook(deal_change())).json()["outcome"] == "accepted"
    assert [each["id"] for each in house.temporal.started] == ["toy:deal:42", "other:deal:42"]


@pytest.mark.parametrize("payload", [7, [], {"meta": {}}, on_deal("1; drop"), deal_change() | {"data": 7}])
async def test_a_verified_webhook_that_nobody_can_read_is_kept(house: House, payload: Any) -> None:
    """202, so that the vendor doesn't ban the hook; the body is there for a person, byte for byte."""
    answer = await house.webhook(payload)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "quarantined")
    (kept,) = house.door.kept
    assert (kept.source, json.loads(kept.body)) == ("pipedrive", payload)
    assert kept.reason == answer.json()["reason"]


async def test_a_normaliser_that_fails_loses_nothing(house: House) -> None:
    """A bug of ours is a webhook in quarantine, to be redriven when it is mended."""
    broken = replace(house.sources["pipedrive"], read=lambda payload: payload["no such thing"])
    house.sources = {**house.sources, "pipedrive": broken}
    answer = await house.webhook(deal_change())
    assert (answer.status_code, answer.json()["reason"]) == (202, "reading it failed: KeyError")


@pytest.mark.parametrize("full", [{"most_kept": 0}, {"away": OSError("away")}])
async def test_a_quarantine_that_takes_no_more_says_so(house: House, full: dict[str, Any]) -> None:
    """503: what isn't kept isn't acknowledged."""
    house.door = FakeDoor(**full)
    answer = await house.webhook({})
    assert (answer.status_code, answer.json()["outcome"]) == (503, "refused")


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
        (post(b'{"a": 1e999}'), 400, "not JSON"),
        (post(b'{"a": ' + b"9" * 5000 + b"}"), 400, "not JSON"),
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
