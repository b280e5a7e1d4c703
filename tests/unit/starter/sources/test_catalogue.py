"""A source is one module: a vendor of the test's own is planted beside ours, and sent to."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.agents import Subscription
from starter import sources
from starter.metrics import Measures
from starter.sources.catalogue import Catalogue, catalogue
from starter.sources.reading import read_event
from tests.unit.starter.conftest import TOY, House

ACME = '''
"""Acme's parcels, as JSON with a token in a header."""

import hmac
from pydantic import AwareDatetime, BaseModel

from contracts.events import EntityRef, Event
from starter.sources.no_event import parsed
from starter.sources.source import Door, Proof, Sent, Source, UnknownSenderError


def check(sent, tokens, now):
    given = sent.headers.get("x-acme-token", "")
    if not any([hmac.compare_digest(given.encode(), token.encode()) for token in tokens]):
        raise UnknownSenderError("wrong token")


class Parcel(BaseModel):
    parcel: str
    order: str
    at: AwareDatetime


def normalise(payload):
    parcel = parsed(Parcel, payload)
    return Event(
        id=parcel.parcel,
        source="acme",
        kind="parcel.arrived",
        entity=EntityRef(kind="deal", id=parcel.order),
        occurred_at=parcel.at,
    )


TOKEN = Proof(check, {"type": "apiKey", "in": "header", "name": "x-acme-token"}, of_body=False)
ACME = Source("acme", (Door("/webhooks/acme", TOKEN),), normalise, Parcel, "Acme tells of a parcel")
'''
ARRIVED = {"parcel": "P-1", "order": "42", "at": "2026-11-23T07:26:30Z"}
HEARS = TOY.model_copy(update={"listens": (Subscription(source="acme", kinds=("parcel.*",), entity="deal"),)})


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules count as the sources' own."""
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def acme(plant: Path) -> House:
    (plant / "acme.py").write_text(ACME)
    house = House(agents=(HEARS,), measures=Measures((*catalogue(), "slack")))
    house.keyring["acme"] = ("new-token", "old-token")
    return house


async def sent(house: House, payload: object, token: str) -> httpx.Response:
    async with house.client() as client:
        return await client.post("/webhooks/acme", json=payload, headers={"x-acme-token": token})


@pytest.mark.parametrize("token", ["new-token", "old-token"])
async def test_one_file_makes_a_source(acme: House, token: str) -> None:
    """Its door is there, opens to its secrets, and what it sends reaches whoever listens."""
    answer = await sent(acme, ARRIVED, token)
    assert (answer.status_code, answer.json()["workflows"]) == (202, ["toy:deal:42"])
    ((event,),) = [started["start_signal_args"] for started in acme.temporal.started]
    assert (event.source, event.kind) == ("acme", "parcel.arrived")


async def test_its_door_is_guarded_like_any(acme: House) -> None:
    """Strangers, another's secret, what is over the rate; each counted under its name."""
    acme.rate_per_s = 1
    async with acme.client() as client:
        statuses = [
            (await client.post("/webhooks/acme", json=ARRIVED, headers={"x-acme-token": token})).status_code
            for token in ("wrong", "new", "new-token", "new-token")
        ]
        told = (await client.get("/metrics")).text
    assert statuses == [401, 401, 202, 429]
    assert 'farm_intake_refused_total{reason="rate",source="acme"} 1.0' in told
    assert 'farm_intake_refused_total{reason="nowhere",source="acme"} 0.0' in told


async def test_what_it_sends_and_nobody_can_read_is_kept(acme: House) -> None:
    """And can be read again, when it is mended."""
    answer = await sent(acme, {"parcel": "P-2"}, "new-token")
    assert answer.json()["outcome"] == "quarantined"
    (kept,) = acme.door.kept
    assert kept.source == "acme"
    mended = json.loads(kept.body) | ARRIVED
    assert str(read_event(catalogue(), kept.source, mended).entity) == "deal:42"


async def test_the_apis_description_has_it(acme: House) -> None:
    """Its door, its format, its proof."""
    async with acme.client() as client:
        told = (await client.get("/openapi.json")).json()
    post = told["paths"]["/webhooks/acme"]["post"]
    assert (post["summary"], post["security"]) == ("Acme tells of a parcel", [{"x-acme-token": []}])
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Parcel"}
    assert set(told["components"]["schemas"]["Parcel"]["properties"]) == {"parcel", "order", "at"}


async def test_nobody_speaks_for_it_by_a_signature(acme: House) -> None:
    """The door for any system doesn't take the secrets of those who have one of their own."""
    assert not [keys for each in acme.parts().webhooks if "acme" in (keys := each.keys) and each.source.name != "acme"]


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (ACME.replace('Source("acme"', 'Source("slack"'), "no source can be called 'slack'"),
        (ACME.replace('Source("acme"', 'Source("Acme Ltd"'), "no source can be called 'Acme Ltd'"),
        (ACME.replace('Source("acme"', 'Source("pipedrive"'), "two sources are called 'pipedrive'"),
        (ACME.replace("/webhooks/acme", "/webhooks/mail"), "two doors have the path '/webhooks/mail'"),
    ],
)
def test_sources_that_would_be_in_each_others_way_do_not_start(plant: Path, module: str, says: str) -> None:
    """It is said at the start, by name."""
    (plant / "acme.py").write_text(module)
    with pytest.raises(ValueError, match=says):
        catalogue()


def test_these_are_ours() -> None:
    """The parts that sources are made of are none themselves."""
    known: Catalogue = catalogue()
    assert set(known) == {"mail", "pipedrive", "signed"}
