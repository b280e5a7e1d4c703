from datetime import datetime

from sandbox.crm.crm import Crm
from sandbox.crm.records import Records
from sandbox.crm.seed import seed


def _all(crm):
    return {
        kind: crm.records.all(kind) for kind in ("user", "organization", "person", "deal", "note", "activity", "mail")
    }


def test_there_are_forty_deals_in_every_stage_and_state(crm):
    """Five stages, won and lost ones among them, two languages."""
    deals = crm.records.all("deal")
    assert len(deals) == 40
    assert {deal["stage_id"] for deal in deals} == {1, 2, 3, 4, 5}
    assert {deal["status"] for deal in deals} == {"open", "won", "lost"}


def test_the_demos_deal_is_as_promised(crm):
    """Deal 42: its value, its client, its history of mails, notes and activities."""
    deal = crm.get("deal", 42)
    assert (deal["value"], deal["currency"], deal["status"]) == (48600, "EUR", "open")
    assert crm.get("organization", deal["org_id"])["name"] == "Bâtisseurs du Rhône"
    assert crm.get("person", deal["person_id"])["name"] == "Julien Moreau"
    assert deal["email_messages_count"] == len(crm.records.all("mail", deal_id=42)) == 5
    assert len(crm.records.all("note", deal_id=42)) == 3


def test_everything_refers_to_something(crm):
    """Every person, organization, stage, owner and deal that is named is there."""
    refers = {
        "org_id": "organization",
        "person_id": "person",
        "owner_id": "user",
        "stage_id": "stage",
        "deal_id": "deal",
    }
    for records in _all(crm).values():
        for record in records:
            for field, kind in refers.items():
                assert record.get(field) is None or crm.records.get(kind, record[field]), record


def test_a_deals_person_works_for_its_organization(crm):
    """No client writes for a company of another."""
    for deal in crm.records.all("deal"):
        assert crm.get("person", deal["person_id"])["org_id"] == deal["org_id"]


def test_nothing_in_the_history_is_yet_to_come(crm, clock):
    """Mails, notes and deals were written before now."""
    for kind in ("deal", "note", "mail"):
        for record in crm.records.all(kind):
            assert datetime.fromisoformat(record["add_time"]) <= clock()


def test_the_same_moment_gives_the_same_data(crm, clock):
    """The seed is deterministic."""
    again = Crm(Records(":memory:"), clock)
    assert seed(again) is True
    assert _all(again) == _all(crm)


def test_an_inhabited_crm_is_left_alone(crm):
    """Seeding happens once."""
    before = _all(crm)
    assert seed(crm) is False
    assert _all(crm) == before


def test_the_seed_is_no_news(crm):
    """History is neither logged as a change nor told to a webhook."""
    assert crm.log.since(0) == []
    assert crm.queue.listing() == []
