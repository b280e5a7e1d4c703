from tests.unit.sandbox.crm.conftest import AGENT


async def test_notes_are_paged_by_offset(api):
    """v1 pages say whether more follows, and where; the last one has no `next_start`."""
    first = (await api.get("/v1/notes", params={"deal_id": 42, "limit": 2})).json()
    assert first["additional_data"]["pagination"] == {
        "start": 0,
        "limit": 2,
        "more_items_in_collection": True,
        "next_start": 2,
    }
    last = (await api.get("/v1/notes", params={"deal_id": 42, "limit": 2, "start": 2})).json()
    assert len(last["data"]) == 1
    assert "next_start" not in last["additional_data"]["pagination"]


async def test_an_empty_v1_page_has_null_data(api):
    """Where nothing is found v1 gives null, not an empty list."""
    assert (await api.get("/v1/notes", params={"deal_id": 44, "start": 50})).json()["data"] is None


async def test_a_note_tells_its_author_and_its_deal(api):
    """A note nests the user and the deal, and has v1's time format."""
    note = (await api.post("/v1/notes", json={"deal_id": 42, "content": "Vu"}, headers=AGENT)).json()["data"]
    assert note["user"]["name"] == "Farmstead Agent"
    assert note["deal"]["title"].startswith("Résidence Les Tilleuls")
    assert note["add_time"] == "2026-11-20 12:00:00"


async def test_a_notes_html_is_sanitised(api):
    """Comments and scripts don't survive, as with the vendor."""
    body = {"deal_id": 42, "content": "<b>ok</b><!-- hidden --><script>x()</script>"}
    assert (await api.post("/v1/notes", json=body)).json()["data"]["content"] == "<b>ok</b>"


async def test_a_note_needs_something_to_hang_on(api):
    """Without deal, person or organization a note is refused."""
    assert (await api.post("/v1/notes", json={"content": "lost"})).status_code == 400


async def test_notes_come_newest_first_when_asked(api):
    """`sort=add_time DESC`, the vendor's spelling."""
    notes = (await api.get("/v1/notes", params={"deal_id": 42, "sort": "add_time DESC"})).json()["data"]
    assert [note["add_time"] for note in notes] == sorted((note["add_time"] for note in notes), reverse=True)


async def test_a_deals_mails_come_newest_first_without_bodies(api):
    """Each is wrapped as a `mailMessage`; the body is fetched one by one."""
    mails = (await api.get("/v1/deals/42/mailMessages")).json()["data"]
    times = [mail["data"]["message_time"] for mail in mails]
    assert mails[0]["object"] == "mailMessage"
    assert times == sorted(times, reverse=True)
    assert "body" not in mails[0]["data"]


async def test_a_mails_body_comes_with_include_body(api):
    """`include_body=1` adds the text of the mail."""
    newest = (await api.get("/v1/deals/42/mailMessages")).json()["data"][0]["data"]
    mail = (await api.get(f"/v1/mailbox/mailMessages/{newest['id']}", params={"include_body": 1})).json()["data"]
    assert "Balcons de Fourvière" in mail["body"]


async def test_replies_share_a_thread(api):
    """ "Re:" before a subject doesn't begin a new thread."""
    mails = [item["data"] for item in (await api.get("/v1/deals/42/mailMessages")).json()["data"]]
    threads = {mail["mail_thread_id"] for mail in mails if "D-2231" in mail["subject"]}
    assert len(threads) == 1


async def test_me_is_the_tokens_user(api):
    """`users/me` tells whose token it is, and which company."""
    me = (await api.get("/v1/users/me", headers=AGENT)).json()["data"]
    assert (me["id"], me["is_you"], me["company_domain"]) == (90, True, "chaleo")


async def test_a_webhook_is_made_listed_and_deleted(api):
    """The password is taken and never shown."""
    body = {
        "subscription_url": "http://farm/hook",
        "event_action": "change",
        "event_object": "deal",
        "name": "mine",
        "http_auth_user": "u",
        "http_auth_password": "secret",
    }
    made = await api.post("/v1/webhooks", json=body)
    assert made.status_code == 201
    assert "secret" not in (await api.get("/v1/webhooks")).text
    assert (await api.delete(f"/v1/webhooks/{made.json()['data']['id']}")).status_code == 200
    assert (await api.get("/v1/webhooks")).json()["data"] == []


async def test_the_same_webhook_twice_is_refused(api):
    """Same address, same events: 400."""
    body = {"subscription_url": "http://farm/hook", "event_action": "*", "event_object": "*"}
    await api.post("/v1/webhooks", json=body)
    assert (await api.post("/v1/webhooks", json=body)).status_code == 400
