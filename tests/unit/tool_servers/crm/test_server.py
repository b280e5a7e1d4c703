import httpx
import pytest

from contracts.names import META_ONCE
from tool_servers.crm.server import build


async def test_each_tool_declares_its_nature(tools):
    """What reads, what adds, what sets, what leaves the house; and which writes are done once."""
    listed = {tool.name: tool for tool in await tools.client.list_tools()}
    reads = {name for name, tool in listed.items() if tool.annotations.read_only_hint}
    once = {name for name, tool in listed.items() if (tool.meta or {}).get(META_ONCE)}
    assert reads == {"get_deal", "list_mails", "search_notes", "list_activities"}
    assert once == {"add_note", "create_activity", "update_deal", "send_mail"}
    assert listed["update_deal"].annotations.idempotent_hint is True
    assert listed["send_mail"].annotations.open_world_hint is True
    assert listed["send_mail"].annotations.destructive_hint is True


async def test_a_deal_comes_with_everything_around_it(tools):
    """Names instead of ids, what is planned, and the heads of the last mails."""
    deal = await tools("get_deal", deal_id=42)
    assert deal["url"] == "http://crm/deal/42"
    assert (deal["title"], deal["stage"], deal["labels"]) == (
        "Résidence Les Tilleuls - 64 connected radiators",
        "Quote sent",
        ["Warm"],
    )
    assert deal["person"]["email"] == "j.moreau@batisseurs-rhone.example"
    assert deal["organization"]["name"] == "Bâtisseurs du Rhône"
    assert deal["owner"]["name"] == "Claire Martin"
    assert [activity["subject"] for activity in deal["open_activities"]] == [
        "Relancer Julien Moreau sur le devis D-2231"
    ]
    assert deal["recent_mails"][0]["direction"] == "out"
    assert "body" not in deal["recent_mails"][0]


async def test_mails_come_newest_first_with_their_text(tools):
    """As many as asked for, sender and body readable."""
    mails = (await tools("list_mails", deal_id=42, limit=2))["mails"]
    assert [mail["direction"] for mail in mails] == ["out", "in"]
    assert mails[1]["from"] == "Julien Moreau <j.moreau@batisseurs-rhone.example>"
    assert "une autre offre un peu moins chère" in mails[1]["body"]


async def test_notes_are_searched_by_words(tools):
    """All words, in any case and order; without words every note."""
    found = await tools("search_notes", deal_id=42, query="PRIX thermalis")
    assert [note["author"] for note in found["notes"]] == ["Claire Martin"]
    assert (await tools("search_notes", deal_id=42))["total"] == 3


async def test_activities_are_told_apart_by_what_is_done(tools):
    """Open ones and done ones."""
    listed = await tools("list_activities", deal_id=42)
    assert (len(listed["open"]), len(listed["done"])) == (1, 2)


async def test_a_note_is_written_in_the_agents_name(tools, world):
    """Plain text in, HTML in the CRM, and the text back without the mark."""
    await tools("add_note", key="k1", deal_id=42, content="Prix < budget\nRappeler")
    note = world.all("note")[-1]
    assert note["user_id"] == 90
    assert note["content"].startswith("Prix &lt; budget<br>Rappeler<br>[farmstead ")
    assert (await tools("search_notes", deal_id=42))["notes"][0]["content"] == "Prix < budget\nRappeler"


async def test_an_activity_is_planned(tools, world):
    """With the fields given, owned by the agent."""
    planned = {"subject": "Appeler", "type": "call", "due_date": "2026-12-01", "note": "Prix"}
    result = await tools("create_activity", key="k1", deal_id=42, **planned)
    activity = world.all("activity")[-1]
    assert (activity["id"], activity["subject"], activity["owner_id"]) == (result["activity_id"], "Appeler", 90)


async def test_a_mail_is_sent_and_filed_under_the_deal(tools, world):
    """One mail to the client, the deal's address hidden in the envelope, and the CRM has it."""
    draft = {
        "to": "j.moreau@batisseurs-rhone.example",
        "subject": "Planning de pose",
        "body": "Bonjour Julien,\nvoilà.",
    }
    result = await tools("send_mail", key="k1", deal_id=42, **draft)
    mail = world.all("mail")[-1]
    assert mail["mua_message_id"] == result["message_id"]
    assert (mail["subject"], mail["body"]) == ("Planning de pose", "Bonjour Julien,\nvoilà.")
    assert [party["email_address"] for party in mail["to"]] == ["j.moreau@batisseurs-rhone.example"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_deal", {"deal_id": 4711}, "Deal not found"),
        ("get_deal", {"deal_id": "abc"}, "deal_id"),
        ("create_activity", {"deal_id": 42, "subject": "x", "type": "call", "due_date": "soon"}, "due_date"),
        ("send_mail", {"deal_id": 42, "to": "Julien", "subject": "x", "body": "x"}, "to"),
        ("add_note", {"deal_id": 42, "content": ""}, "content"),
    ],
)
async def test_bad_arguments_are_called_that(tools, tool, arguments, said):
    """What other arguments would mend begins with `bad arguments:` and says which."""
    text = await tools.error(tool, **arguments)
    assert text.startswith("bad arguments: ")
    assert said in text


async def test_health(pipedrive, mailer, ledger):
    """The process says when it is ready."""
    app = build(pipedrive, mailer, ledger, None).http_app(path="/mcp", stateless_http=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/healthz")).json()["status"] == "ok"
