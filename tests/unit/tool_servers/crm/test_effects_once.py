"""What a crash, a lost answer or an impatient caller must not do: write twice."""

import asyncio

import pytest

from tests.unit.tool_servers.crm.conftest import unannounced
from tool_servers.crm import activities, notes
from tool_servers.crm.mail import Draft

PLANNED = {"subject": "Appeler", "type": "call", "due_date": "2026-12-01", "note": ""}
DRAFT = {"to": "j.moreau@batisseurs-rhone.example", "subject": "Suite", "body": "Bonjour"}


@pytest.fixture
async def begun(tools, dead):
    """The tools of a server, where another died after it began the effect k1."""
    await dead.begin("crm", "k1")
    return tools


WRITES = [
    pytest.param("add_note", {"content": "Vu"}, "note", id="note"),
    pytest.param("create_activity", PLANNED, "activity", id="activity"),
    pytest.param("send_mail", DRAFT, "mail", id="mail"),
]


@pytest.mark.parametrize(("tool", "arguments", "kind"), WRITES)
async def test_the_same_key_writes_once_and_answers_the_same(tools, world, tool, arguments, kind):
    """A repeated call gets the first one's result from the ledger."""
    before = len(world.all(kind))
    first = await tools(tool, key="k1", deal_id=42, **arguments)
    assert await tools(tool, key="k1", deal_id=42, **arguments) == first
    assert len(world.all(kind)) == before + 1


@pytest.mark.parametrize(("tool", "arguments", "kind"), WRITES)
async def test_another_key_writes_again(tools, world, tool, arguments, kind):
    """The same words, meant twice, are written twice."""
    before = len(world.all(kind))
    for key in ("k1", "k2"):
        await tools(tool, key=key, deal_id=42, **arguments)
    assert len(world.all(kind)) == before + 2


async def test_a_crash_after_the_note_was_written_is_settled_without_a_second_note(tools, world, dead, pipedrive):
    """The ledger says pending; the mark in the CRM says done."""
    await dead.begin("crm", "k1")
    written = await notes.add(pipedrive, unannounced, 42, "Vu", "k1")
    assert await tools("add_note", key="k1", deal_id=42, content="Vu") == written
    assert len(world.all("note")) == 4


async def test_a_crash_after_the_activity_was_created_is_settled(tools, world, dead, pipedrive):
    """The mark stands in the activity's note, even of one without text."""
    await dead.begin("crm", "k1")
    created = await activities.create(pipedrive, unannounced, 42, PLANNED, "k1")
    assert await tools("create_activity", key="k1", deal_id=42, **PLANNED) == created


async def test_a_crash_after_the_mail_was_sent_is_settled(tools, world, dead, mailer):
    """The deal has a mail with the key's Message-ID: it isn't sent again."""
    await dead.begin("crm", "k1")
    sent = await mailer.send(unannounced, 42, Draft(**DRAFT), "k1")
    assert await tools("send_mail", key="k1", deal_id=42, **DRAFT) == sent
    assert [mail["subject"] for mail in world.all("mail")].count("Suite") == 1


@pytest.mark.parametrize(("tool", "arguments", "kind"), WRITES)
async def test_a_crash_before_the_write_is_made_good(begun, world, tool, arguments, kind):
    """Begun, and nothing of it upstream: now it is done."""
    before = len(world.all(kind))
    await begun(tool, key="k1", deal_id=42, **arguments)
    assert len(world.all(kind)) == before + 1


async def test_a_lost_answer_is_settled_by_the_repetition(tools, world):
    """The note was written, the vendor's answer was a 502: the next try finds it."""
    world.fails(502, method="POST", done=True)
    assert (await tools.error("add_note", key="k1", deal_id=42, content="Vu")).startswith("passing: ")
    await tools("add_note", key="k1", deal_id=42, content="Vu")
    assert len(world.all("note")) == 4


async def test_a_refused_write_leaves_no_doubt(tools, ledger, world):
    """After a refusal the key is free: nothing happened, nothing needs to be looked for."""
    world.fails(429, method="POST", retry_after=3)
    text = await tools.error("add_note", key="k1", deal_id=42, content="Vu")
    assert text == "passing: Pipedrive's rate limit, retry-after=3"
    assert (await ledger.begin("crm", "k1")).state == "new"


async def test_a_refused_repetition_stays_in_doubt(tools, dead, ledger, world):
    """Of the first attempt nothing is known, whatever the second one met."""
    await dead.begin("crm", "k1")
    world.fails(429, method="POST")
    await tools.error("add_note", key="k1", deal_id=42, content="Vu")
    assert (await ledger.begin("crm", "k1")).state == "pending"


async def test_an_impatient_caller_is_told_to_come_back(tools, world):
    """Two calls with one key at the same time, the vendor slow: one note, and its result for who comes back."""
    world.is_slow(50, method="POST")
    note = {"key": "k1", "deal_id": 42, "content": "Vu"}
    first, text = await asyncio.gather(tools("add_note", **note), tools.error("add_note", **note))
    assert text == "passing: this effect is being worked on, retry-after=2"
    assert await tools("add_note", **note) == first
    assert len(world.all("note")) == 4


async def test_without_a_key_a_call_is_simply_made(tools, world):
    """Somebody with an MCP client and no farm: two calls, two notes, no marks."""
    for _ in range(2):
        await tools("add_note", deal_id=42, content="Vu")
    assert [note["content"] for note in world.all("note")][-2:] == ["Vu", "Vu"]


async def test_setting_a_field_again_is_harmless(tools, dead):
    """An update that was cut short is simply made again."""
    await dead.begin("crm", "k1")
    result = await tools("update_deal", key="k1", deal_id=42, field="stage", value="Negotiation")
    assert (result["old"], result["new"]) == (3, 4)
