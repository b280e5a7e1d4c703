"""What a tool announces before it writes: as the CRM's own webhook of that write will show it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.crm.payloads import payload
from starter.intake.authorship import Authorship
from starter.sources.pipedrive_traces import traces
from store.own_writes import OwnWrites
from store.tables import OwnWriteRow
from tests.unit.tool_servers.crm.conftest import HOP, RUN, World
from tool_servers.crm.deals import filing

PLANNED = {"subject": "Appeler Julien", "type": "call", "due_date": "2026-12-01", "note": "au sujet du devis"}
MAIL = {"to": "j.moreau@batisseurs-rhone.example", "subject": "Suite", "body": "Bonjour"}


@pytest.fixture
def webhooks(world: World) -> list[dict[str, Any]]:
    """The payloads that the CRM would post, in order."""
    posted: list[dict[str, Any]] = []
    log = world.crm.log.write

    def heard(written: Any) -> None:
        if written.entity != "mail":
            posted.append(payload({"id": 1, "user_id": 90}, written, []))
        log(written)

    world.crm.log.write = heard  # type: ignore[method-assign]
    return posted


async def author(db: Any, webhook: dict[str, Any]) -> Authorship:
    """As the door finds it."""
    shown = traces(webhook)
    taken = await OwnWrites(db).take(webhook["meta"]["id"], shown.about, [each.print for each in shown.traces])
    return Authorship(writes=taken, traces=shown)


async def expected(db: Any) -> list[tuple[str, str]]:
    async with db.reading() as session:
        return [(row.about, row.name) for row in await session.scalars(select(OwnWriteRow))]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("update_deal", {"field": "stage", "value": "Negotiation"}),
        ("update_deal", {"field": "value", "value": 51000}),
        ("update_deal", {"field": "value", "value": "48600.50"}),
        ("update_deal", {"field": "title", "value": "  Résidence Les Tilleuls, tranche 2 "}),
        ("update_deal", {"field": "label", "value": ["Tender", "Hot"]}),
        ("update_deal", {"field": "label", "value": []}),
        ("update_deal", {"field": "status", "value": "won"}),
        ("update_deal", {"field": "status", "value": "lost"}),
        ("update_deal", {"field": "expected_close_date", "value": "2027-01-31"}),
        ("update_deal", {"field": "lost_reason", "value": "prix"}),
        ("add_note", {"content": "Le client veut 64 radiateurs <3\n\nà rappeler"}),
        ("create_activity", PLANNED),
        ("send_mail", MAIL),
    ],
)
async def test_the_webhook_of_a_write_is_known(db, tools, webhooks, tool, arguments):
    """Whatever form the CRM gives the value: the event is wholly ours, by which run, and one hop further."""
    await tools(tool, key="k1", deal_id=42, **arguments)
    (webhook,) = webhooks
    found = await author(db, webhook)
    assert found.is_farms
    assert {(each.run, each.hop) for each in found.writes} == {(RUN, HOP + 1)}


async def test_it_is_announced_before_the_crm_is_told(db, tools, world):
    """A webhook may be back before our own call is."""
    seen: list[list[tuple[str, str]]] = []
    write = world.crm.write_fields

    def looking(*args: Any) -> Any:
        seen.append(rows(db))
        return write(*args)

    world.crm.write_fields = looking
    await tools("update_deal", key="k1", deal_id=42, field="value", value=1)
    assert seen == [[("deal:42", "value")]]


def rows(db: Any) -> list[tuple[str, str]]:
    """As another process sees it."""
    with closing(sqlite3.connect(db._url.database)) as connection:
        return connection.execute("SELECT about, name FROM own_writes").fetchall()


@pytest.mark.parametrize(
    ("tool", "arguments"), [("update_deal", {"field": "value", "value": 1}), ("add_note", {"content": "Vu"})]
)
async def test_what_was_refused_is_announced_no_more(db, tools, world, tool, arguments):
    """A person who does the same a minute later is heard."""
    world.fails(429, method="PATCH" if tool == "update_deal" else "POST", times=1)
    await tools.error(tool, key="k1", deal_id=42, **arguments)
    assert await expected(db) == []


async def test_what_may_have_been_written_stays_announced(db, tools, world):
    """A 500 may come after the write: its webhook is on its way, or the fingerprint expires."""
    world.fails(500, method="PATCH", times=1)
    await tools.error("update_deal", key="k1", deal_id=42, field="value", value=1)
    assert await expected(db) == [("deal:42", "value")]


async def test_a_value_that_the_field_has_already_is_not_announced(db, tools, world):
    """The CRM tells of no such write, so the fingerprint would wait for a person who sets it."""
    value = world.crm.get("deal", 42)["value"]
    await tools("update_deal", key="k1", deal_id=42, field="value", value=str(value))
    assert await expected(db) == []


async def test_without_a_key_nothing_is_announced(db, tools):
    """Whoever calls so is no run of the farm's."""
    await tools("update_deal", deal_id=42, field="value", value=1)
    assert await expected(db) == []


async def test_a_tool_that_cannot_announce_writes_nothing(db, tools, world):
    """The store is away: the call is passing, and known to have done nothing."""
    value = world.crm.get("deal", 42)["value"]
    async with db._engine.begin() as connection:
        await connection.run_sync(OwnWriteRow.__table__.drop)
    said = await tools.error("update_deal", key="k1", deal_id=42, field="value", value=1)
    assert said.startswith("passing: the store is away")
    assert world.crm.get("deal", 42)["value"] == value


async def test_another_fields_change_is_a_strangers(db, tools, webhooks, world):
    """A person who changes something else beside what we wrote is heard."""
    await tools("update_deal", key="k1", deal_id=42, field="value", value=1)
    (webhook,) = webhooks
    webhook["previous"]["owner_id"], webhook["data"]["owner_id"] = 11, 12
    found = await author(db, webhook)
    assert not found.is_farms
    assert found.hop == HOP + 1


async def test_a_clients_mail_is_not_ours(db, tools, webhooks, pipedrive):
    """Though it counts up the same counter to the same number."""
    _, mails = await filing(pipedrive, 42)
    await tools("send_mail", key="k1", deal_id=42, **MAIL)
    (ours,) = webhooks
    assert ours["data"]["email_messages_count"] == mails + 1
    theirs = {**ours, "previous": {"email_messages_count": mails, "last_incoming_mail_time": None}}
    theirs["data"] = {**ours["data"], "last_incoming_mail_time": datetime.now(UTC).isoformat()}
    assert (await author(db, theirs)).writes == []
