"""The CRM's other way in: a secret in the path, which then stands in no log, span, metric or answer."""

import logging
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from starter.intake import taking
from tests.unit.starter.conftest import House
from tests.unit.starter.payloads import deal_change

NEW, OLD = "n3w-Secret_of-the-path", "0ld-Secret_of-the-path"
WRONG = "wr0ng-Secret_of-the-path"
PATH = f"/webhooks/pipedrive/{NEW}"


@pytest.fixture
def secret_house() -> House:
    house = House()
    house.keyring["pipedrive-path"] = (NEW, OLD)
    return house


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """All spans of the door."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield memory
    provider.shutdown()


async def sent(house: House, path: str, method: str = "POST") -> httpx.Response:
    async with house.client() as client:
        return await client.request(method, path, json=deal_change())


@pytest.mark.parametrize("secret", [NEW, OLD])
async def test_each_secret_opens(secret_house: House, secret: str) -> None:
    """Without a password; the old one too, while it is changed."""
    answer = await sent(secret_house, f"/webhooks/pipedrive/{secret}")
    assert (answer.status_code, answer.json()["workflows"]) == (202, ["toy:deal:42"])


@pytest.mark.parametrize("secret", [WRONG, "", NEW[:-1], NEW + "x", NEW.upper(), "%00", "pipedrive:secret", "é" * 20])
async def test_nothing_else_does(secret_house: House, secret: str) -> None:
    """Neither a part of one, nor one in capitals, nor the other way's password."""
    answer = await sent(secret_house, f"/webhooks/pipedrive/{secret}")
    assert answer.status_code in {401, 404}
    assert secret_house.temporal.started == []


async def test_without_secrets_the_path_is_closed(house: House) -> None:
    """It is a way in for those alone who set it up."""
    assert (await sent(house, PATH)).status_code == 401


async def test_both_ways_share_places_and_rate(secret_house: House) -> None:
    """They are one source's."""
    secret_house.rate_per_s = 1
    async with secret_house.client() as client:
        first = await client.post(PATH, json=deal_change())
        second = await client.post("/webhooks/pipedrive", json=deal_change(), auth=("pipedrive", "secret"))
    assert (first.status_code, second.status_code) == (202, 429)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PATH),
        ("POST", f"/webhooks/pipedrive/{WRONG}"),
        ("GET", PATH),
        ("POST", f"{PATH}/"),
        ("POST", f"{PATH}/more"),
        ("POST", f"/Webhooks/Pipedrive/{NEW}"),
        ("POST", f"/webhook/pipedrive/{NEW}"),
        ("POST", f"//webhooks/pipedrive/{NEW}"),
        ("POST", f"/webhooks/pipedrive%2F{NEW}"),
        ("POST", f"/webhooks/signed/{NEW}"),
        ("POST", f"/webhooks/pipedrive?secret={NEW}"),
        ("POST", f"/{NEW}"),
    ],
)
async def test_it_is_told_nowhere(
    secret_house: House,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
) -> None:
    """Right or wrong, under our path or a mistyped one, whatever the answer."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the sender's own words
    answer = await sent(secret_house, path, method)
    async with secret_house.client() as client:
        metrics = (await client.get("/metrics")).text
    log = caplog.text + str([record.__dict__ for record in caplog.records])
    told = [each.to_json() for each in spans.get_finished_spans()]
    for secret in (NEW, WRONG):
        for where in (log, answer.text, str(answer.headers), metrics, *told):
            assert secret not in where
    assert f" {answer.status_code} " in log
    assert bool(told) is (answer.status_code == 202)


async def test_nor_by_an_error_that_nobody_foresaw(
    secret_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind the gate or in it."""

    def fails(*_: object) -> None:
        raise ValueError(f"at {PATH}")

    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for place, name in ((taking, "listeners"), (secret_house.measures, "answered")):
        monkeypatch.setattr(place, name, fails)
        answer = await sent(secret_house, PATH)
        assert answer.status_code == 503
        assert NEW not in caplog.text + answer.text
    assert "POST /webhooks/pipedrive/*: ValueError at" in caplog.text
