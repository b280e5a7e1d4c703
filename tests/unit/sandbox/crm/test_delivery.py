from sandbox.crm.changes import Actor
from sandbox.crm.crm import Crm
from sandbox.crm.records import Records
from sandbox.crm.seed import seed
from sandbox.crm.webhooks import Subscription, subscribe
from tests.unit.sandbox.crm.conftest import Receiver


async def test_a_change_reaches_the_webhook_with_basic_auth(api, crm, everything, post):
    """The event is posted with the credentials of the subscription."""
    receiver = Receiver()
    post(crm, receiver)
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    (event,) = await receiver.got(1)
    assert event["meta"]["entity_id"] == "42"
    assert receiver.headers[0]["authorization"].startswith("Basic ")


async def test_a_failed_delivery_is_repeated_as_the_same_event(api, crm, everything, post):
    """Anything but 2xx is tried again: same id, `attempt` counted up."""
    receiver = Receiver(500, 404)
    post(crm, receiver)
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    events = await receiver.got(3)
    assert [event["meta"]["attempt"] for event in events] == [1, 2, 3]
    assert len({event["meta"]["id"] for event in events}) == 1


async def test_events_of_one_entity_keep_their_order_through_a_failure(api, crm, everything, post):
    """The second change of a deal waits until the first is delivered."""
    receiver = Receiver(500)
    post(crm, receiver)
    for stage in (4, 5):
        await api.patch("/api/v2/deals/42", json={"stage_id": stage})
    events = await receiver.got(3)
    assert [event["data"]["stage_id"] for event in events] == [4, 4, 5]


async def test_another_entity_does_not_wait(api, crm, everything, post):
    """What fails for one deal holds no other deal up."""
    receiver = Receiver(500)
    post(crm, receiver, retries=(60,))
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    await receiver.got(1)
    await api.patch("/api/v2/deals/41", json={"stage_id": 2})
    events = await receiver.got(2)
    assert [event["meta"]["entity_id"] for event in events] == ["42", "41"]


async def test_after_the_last_attempt_the_event_is_given_up(api, crm, everything, post):
    """One attempt and three repetitions; the next event of the deal goes on."""
    receiver = Receiver(500, 500, 500, 500)
    post(crm, receiver)
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    await api.patch("/api/v2/deals/42", json={"stage_id": 5})
    events = await receiver.got(5)
    assert events[4]["data"]["stage_id"] == 5
    assert crm.queue.listing()[-1]["state"] == "failed"


async def test_the_queue_outlives_the_process(tmp_path, clock, post):
    """What was queued before a restart is delivered after it."""
    before = Crm(Records(tmp_path / "crm.db"), clock)
    seed(before)
    subscribe(before, Subscription(subscription_url="http://farm/hook", event_action="*", event_object="*"), 11)
    before.write_fields("deal", before.get("deal", 42), {"stage_id": 4}, Actor(11))
    before.records.close()

    receiver = Receiver()
    post(Crm(Records(tmp_path / "crm.db"), clock), receiver)
    (event,) = await receiver.got(1)
    assert event["previous"] == {"stage_id": 3}


async def test_a_deleted_webhook_gets_nothing_more(api, crm, everything, post):
    """Its queue goes with it."""
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    await api.delete("/v1/webhooks/1")
    assert crm.queue.heads() == []
