"""What holds for every request from outside: limits, an answer in any case, and the count."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode

from starter import body, limits
from starter.app import assemble
from starter.gate import Endpoint, Gate
from starter.intake import listeners, taking
from starter.limits import AT_ONCE, InFlight, Rate
from starter.refusals import Refused
from tests.unit.starter.conftest import House, basic
from tests.unit.starter.payloads import META, deal_change, note, webhook

OUTAGE = RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b"")


def counted(house: House, name: str, **labels: str) -> float:
    return house.measures.registry.get_sample_value(name, labels) or 0.0


async def test_over_the_rate_is_429(house: House) -> None:
    """With the second to wait, and counted."""
    house.rate_per_s = 1
    async with house.client() as client:
        answers = [
            await client.post("/webhooks/pipedrive", json=deal_change(), headers={"authorization": basic()})
            for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert answers[1].headers["retry-after"] == "1"
    assert counted(house, "farm_intake_refused_total", source="pipedrive", reason="rate") == 1


def test_a_rate_refills() -> None:
    """A burst of one second's worth, then as many as the time allows."""
    now = 0.0
    rate = Rate(2, clock=lambda: now)
    rate.take()
    rate.take()
    with pytest.raises(Refused):
        rate.take()
    now = 0.5
    rate.take()
    with pytest.raises(Refused):
        rate.take()


async def test_strangers_do_not_use_up_the_rate(house: House) -> None:
    """Only who is verified counts."""
    house.rate_per_s = 1
    async with house.client() as client:
        for _ in range(3):
            await client.post("/webhooks/pipedrive", json=deal_change(), headers={"authorization": basic("wrong")})
        answer = await client.post("/webhooks/pipedrive", json=deal_change(), headers={"authorization": basic()})
    assert answer.status_code == 202


async def test_over_the_most_in_flight_is_503(house: House) -> None:
    """The one that is worked on is answered; Slack has places of its own, and health isn't behind the gate."""
    house.in_flight = 1
    house.temporal.hangs = True
    async with house.client() as client:
        first = asyncio.create_task(
            client.post("/webhooks/pipedrive", json=deal_change(), headers={"authorization": basic()})
        )
        await asyncio.sleep(0.05)
        assert counted(house, "farm_in_flight") == 1
        second = await client.post("/webhooks/pipedrive", json=deal_change(), headers={"authorization": basic()})
        click = await client.post("/slack/interactions", content=b"")
        live = await client.get("/livez")
    assert click.status_code == 401  # it was looked at
    assert (second.status_code, second.headers["retry-after"]) == (503, "1")
    assert "being worked on" in second.json()["reason"]
    assert ((await first).json()["outcome"], live.status_code) == ("spooled", 200)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"most_rows": 1}, "inbox_full"), ({"folder": Path("/"), "free_mb": 10**9}, "disk_full")],
)
async def test_a_spool_without_room_is_503(house: House, limits: dict[str, object], reason: str) -> None:
    """It says what is full. The way to Temporal stays open."""
    for name, value in limits.items():
        setattr(house, name, value)
    house.temporal.away = OUTAGE
    async with house.client() as client:
        answers = [
            await client.post(
                "/webhooks/pipedrive",
                json=deal_change() | {"meta": META | {"id": str(n), "entity_id": str(n)}},
                headers={"authorization": basic()},
            )
            for n in (1, 2)
        ]
        house.temporal.away = None
    assert answers[1].status_code == 503
    assert counted(house, "farm_intake_refused_total", source="pipedrive", reason=reason) >= 1
    assert (await house.webhook(deal_change())).status_code == 202


async def test_an_error_that_nobody_foresaw_is_503(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a reason; the log has the place, and nothing of the text, which may hold a body."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError("a client's private words")

    monkeypatch.setattr(taking, "listeners", fails)
    with caplog.at_level(logging.INFO):
        answer = await house.webhook(note())
    assert (answer.status_code, answer.json()["outcome"]) == (503, "refused")
    assert "ZeroDivisionError at" in caplog.text
    assert "test_gate.py" in caplog.text
    assert "private words" not in caplog.text
    assert counted(house, "farm_intake_refused_total", source="pipedrive", reason="unexpected") == 1


async def test_a_route_of_our_own_that_fails_is_503_too(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Metrics and health have no gate before them, and no 500 either."""
    house.door.away = ValueError("private")
    async with house.client() as client:
        assert (await client.get("/metrics")).status_code == 503
    assert "private" not in caplog.text


async def test_each_outcome_is_counted(house: House) -> None:
    """Accepted, duplicate, ignored, quarantined, refused, spooled; by status; with the seconds they took."""
    for payload in (deal_change(), deal_change(), note(deal_id=None), {}):
        await house.webhook(payload)
    await house.webhook(deal_change(), authorization="")
    house.temporal.away = OUTAGE
    await house.webhook(deal_change() | {"meta": META | {"id": "later"}})
    async with house.client() as client:
        told = (await client.get("/metrics")).text
    for outcome, status in {
        "accepted": 202,
        "duplicate": 202,
        "ignored": 200,
        "quarantined": 202,
        "refused": 401,
        "spooled": 202,
    }.items():
        line = f'farm_intake_requests_total{{outcome="{outcome}",source="pipedrive",status="{status}"}} 1.0'
        assert line in told
    assert 'farm_intake_refused_total{reason="unauthorized",source="pipedrive"} 1.0' in told
    assert 'farm_intake_refused_total{reason="nowhere",source="slack"} 0.0' in told
    assert 'farm_intake_seconds_count{source="pipedrive"} 6.0' in told
    assert "farm_inbox_waiting 1.0" in told
    assert "farm_quarantine_waiting 1.0" in told


async def test_metrics_outlive_a_store_that_is_away(house: House) -> None:
    """What waits stays as it was last known; the counts are there."""
    house.door.away = OSError("away")
    async with house.client() as client:
        answer = await client.get("/metrics")
    assert (answer.status_code, "farm_in_flight 0.0" in answer.text) == (200, True)


async def test_slack_gets_two_seconds_for_its_body(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows the person an error after three."""
    assert body.SLACK_SLOWEST == 2

    async def drips():
        yield b"payload="
        await asyncio.sleep(30)

    monkeypatch.setattr("starter.slack.clicks.SLACK_SLOWEST", 0.05)
    async with house.client() as client:
        answer = await client.post("/slack/interactions", content=drips())
    assert (answer.status_code, "0.05 s" in answer.json()["reason"]) == (408, True)


async def test_an_event_is_within_bounds(house: House) -> None:
    """A webhook of a thousand changed fields is an event of some kilobytes."""
    fields = {f"field_{n}": "x" * 400 for n in range(1000)}
    await house.webhook(webhook({**fields, "id": 42}, dict.fromkeys(fields, "y" * 400)))
    (started,) = house.temporal.started
    (event,) = started["start_signal_args"]
    assert len(event.model_dump_json()) < 17_000
    assert listeners.listeners(event, house.agents)


async def test_of_many_some_are_worked_on_and_the_others_wait_their_turn() -> None:
    """In order, with nothing begun of theirs; when one is done the next begins."""
    in_flight, begun, go = InFlight(most=5, at_once=2), [], asyncio.Event()

    async def work(number: int) -> None:
        async with in_flight.one():
            begun.append(number)
            await go.wait()

    working = [asyncio.create_task(work(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert (begun, in_flight.now) == ([0, 1], 5)
    with pytest.raises(Refused, match="5 requests are being worked on already"):
        async with in_flight.one():
            raise AssertionError("there is no place for a sixth")
    go.set()
    await asyncio.gather(*working)
    assert (begun, in_flight.now) == ([0, 1, 2, 3, 4], 0)


async def test_nobody_stands_in_line_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 503 while the sender still listens; its place is free again."""
    monkeypatch.setattr(limits, "IN_LINE_S", 0.01)
    in_flight = InFlight(most=5, at_once=1)
    async with in_flight.one():
        with pytest.raises(Refused, match=r"it wasn't its turn within 0\.01 s"):
            async with in_flight.one():
                raise AssertionError("the turn is another's")
        assert in_flight.now == 1


async def test_people_stand_in_no_line(house: House) -> None:
    """What they do in Slack and on the page is worked on at once, whatever the CRM does."""
    lines: dict[str, int] = {}

    class Watched(Gate):
        def guarding(self, source: str, receive: Endpoint, at_once: int = AT_ONCE) -> Endpoint:
            lines[source] = at_once
            return super().guarding(source, receive, at_once)

    assemble(replace(house.parts(), gate=Watched(house.measures, 0)))
    assert lines == {"pipedrive": 32, "signed": 32, "mail": 32, "slack": 0, "page": 0}
