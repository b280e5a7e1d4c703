import pytest

from tests.unit.sandbox.crm.conftest import AGENT


@pytest.fixture
def queued(crm, everything):
    """The payloads queued so far, oldest first."""
    return lambda: [row["payload"] for row in reversed(crm.queue.listing())]


async def test_a_change_tells_what_is_and_what_was(api, queued):
    """`data` is the whole deal, `previous` the old value of the changed field alone."""
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    (event,) = queued()
    assert event["data"]["stage_id"] == 4
    assert event["previous"] == {"stage_id": 3}


async def test_meta_has_the_vendors_fields_with_ids_as_strings(api, queued):
    """Every documented field of `meta`; the user is the one whose token was used."""
    await api.patch("/api/v2/deals/42", json={"value": 50000}, headers=AGENT)
    meta = queued()[0]["meta"]
    assert set(meta) == {
        "action", "entity", "company_id", "correlation_id", "entity_id", "id", "is_bulk_edit", "timestamp", "type",
        "user_id", "version", "webhook_id", "webhook_owner_id", "change_source", "permitted_user_ids", "attempt",
        "host",
    }  # fmt: skip
    assert (meta["action"], meta["entity"], meta["entity_id"], meta["user_id"]) == ("change", "deal", "42", "90")
    assert (meta["version"], meta["change_source"], meta["attempt"]) == ("2.0", "api", 1)
    assert meta["timestamp"] == "2026-11-20T12:00:00.000Z"


async def test_a_creation_has_no_previous_and_a_deletion_no_data(api, queued):
    """As the vendor documents it."""
    made = (await api.post("/v1/notes", json={"deal_id": 42, "content": "Vu"})).json()["data"]
    await api.delete(f"/v1/notes/{made['id']}")
    created, deleted = queued()
    assert (created["meta"]["action"], created["previous"], created["data"]["content"]) == ("create", None, "Vu")
    assert (deleted["meta"]["action"], deleted["data"], deleted["previous"]["content"]) == ("delete", None, "Vu")


async def test_setting_what_is_already_there_tells_nothing(api, queued):
    """No difference, no webhook."""
    await api.patch("/api/v2/deals/42", json={"stage_id": 3})
    assert queued() == []


async def test_a_clients_mail_is_a_change_of_the_deal(api, queued):
    """There is no webhook for mail: the deal's count and time of mails change, in its owner's name, from the app."""
    await api.post("/sandbox/mail-in", json={"deal_id": 42, "subject": "Oui", "body": "On signe."})
    (event,) = queued()
    assert set(event["previous"]) == {"email_messages_count", "last_incoming_mail_time"}
    assert (event["meta"]["user_id"], event["meta"]["change_source"]) == ("11", "app")


async def test_a_webhook_gets_what_it_asked_for(api, crm):
    """`event_action` and `event_object` choose; a star takes all."""
    body = {"subscription_url": "http://farm/notes", "event_action": "create", "event_object": "note"}
    await api.post("/v1/webhooks", json=body)
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    await api.post("/v1/notes", json={"deal_id": 42, "content": "Vu"})
    assert [row["entity"].split(":")[0] for row in crm.queue.listing()] == ["note"]


@pytest.mark.parametrize(("collection", "entity"), [("persons", "person"), ("organizations", "organization")])
async def test_people_and_firms_are_told_of_too(api, queued, crm, collection, entity):
    """A name that is mended is a change of its own entity."""
    (old, *_) = crm.records.all(entity)
    await api.patch(f"/api/v2/{collection}/{old['id']}", json={"name": "Another name"})
    (event,) = queued()
    assert (event["meta"]["entity"], event["meta"]["entity_id"]) == (entity, str(old["id"]))
    assert (event["data"]["name"], event["previous"]["name"]) == ("Another name", old["name"])
