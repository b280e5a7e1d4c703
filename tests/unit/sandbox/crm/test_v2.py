import pytest

from tests.unit.sandbox.crm.conftest import AGENT


async def test_a_deal_comes_in_the_vendors_envelope_with_the_vendors_names(api):
    """A deal is `{"success": true, "data": {...}}` with v2's field names and RFC 3339 times."""
    answer = (await api.get("/api/v2/deals/42")).json()
    assert answer["success"] is True
    assert answer["data"]["title"] == "Résidence Les Tilleuls - 64 connected radiators"
    assert answer["data"]["add_time"].endswith("Z")
    assert {"owner_id", "person_id", "org_id", "stage_id", "label_ids", "is_deleted"} <= set(answer["data"])


async def test_counters_and_the_dropbox_address_are_given_when_asked_for(api):
    """`include_fields` adds what v2 leaves out by itself, the deal's own BCC address among it."""
    plain = (await api.get("/api/v2/deals/42")).json()["data"]
    asked = (await api.get("/api/v2/deals/42", params={"include_fields": "smart_bcc_email,notes_count"})).json()["data"]
    assert "smart_bcc_email" not in plain
    assert asked["smart_bcc_email"] == "chaleo+deal42@pipedrivemail.com"
    assert asked["notes_count"] == 3


async def test_the_token_may_stand_in_the_query(api):
    """`api_token` in the query is as good as the `x-api-token` header."""
    answer = await api.get("/v1/users/me", params={"api_token": "sandbox-agent-token"}, headers={"x-api-token": ""})
    assert answer.json()["data"]["id"] == 90


async def test_a_wrong_token_is_unauthorized(api):
    """Without a known token the answer is 401 in the error envelope."""
    answer = await api.get("/api/v2/deals/42", headers={"x-api-token": "guess"})
    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert answer.json()["error"] == "unauthorized access"


async def test_what_is_not_there_is_404(api):
    """An unknown deal is `Deal not found`, with an `error_info`."""
    answer = await api.get("/api/v2/deals/4711")
    assert answer.status_code == 404
    assert answer.json()["error"] == "Deal not found"
    assert "error_info" in answer.json()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"value": "48600"}, "value"),
        ({"status": "maybe"}, "status"),
        ({"expected_close_date": "next week"}, "expected_close_date"),
        ({"stage_id": 99}, "stage_id"),
        ({"label_ids": [1, 77]}, "label_ids"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_v2_is_strict(api, body, where):
    """A wrong type, an unknown field or a reference to nothing is 400, names the field, and changes nothing."""
    before = (await api.get("/api/v2/deals/42")).json()
    answer = await api.patch("/api/v2/deals/42", json=body)
    assert answer.status_code == 400
    assert where in answer.json()["error"]
    assert (await api.get("/api/v2/deals/42")).json() == before


async def test_a_stage_change_leaves_its_time(api, clock):
    """PATCH sets the field; `stage_change_time` and `update_time` follow."""
    clock.move(60)
    deal = (await api.patch("/api/v2/deals/42", json={"stage_id": 4})).json()["data"]
    assert deal["stage_id"] == 4
    assert deal["stage_change_time"] == deal["update_time"] == "2026-11-20T12:01:00Z"


async def test_a_won_deal_has_its_times_and_a_reopened_one_has_not(api):
    """`won_time` and `close_time` come with the status and go with it; `first_won_time` stays."""
    won = (await api.patch("/api/v2/deals/42", json={"status": "won"})).json()["data"]
    assert won["won_time"] == won["close_time"] == won["first_won_time"] is not None
    again = (await api.patch("/api/v2/deals/42", json={"status": "open"})).json()["data"]
    assert again["won_time"] is None
    assert again["first_won_time"] == won["first_won_time"]


async def test_a_cursor_leads_through_the_whole_list(api):
    """Page after page, every deal comes once, and the last page has no `next_cursor`."""
    seen, cursor = [], ""
    while cursor is not None:
        answer = (await api.get("/api/v2/deals", params={"limit": 7, **({"cursor": cursor} if cursor else {})})).json()
        seen += [deal["id"] for deal in answer["data"]]
        cursor = answer["additional_data"]["next_cursor"]
    assert seen == list(range(5, 45))


async def test_a_cursor_is_not_moved_by_what_is_added_meanwhile(api):
    """A record that appears between two pages is neither a reason to skip nor to repeat another."""
    first = (await api.get("/api/v2/deals", params={"limit": 7, "sort_direction": "desc"})).json()
    await api.post("/api/v2/deals", json={"title": "New"})
    cursor = first["additional_data"]["next_cursor"]
    second = (await api.get("/api/v2/deals", params={"limit": 7, "sort_direction": "desc", "cursor": cursor})).json()
    assert [deal["id"] for deal in second["data"]] == list(range(37, 30, -1))


async def test_lists_are_filtered(api):
    """By stage, by status, and activities by deal and whether they are done."""
    stage = (await api.get("/api/v2/deals", params={"stage_id": 3, "status": "open"})).json()["data"]
    planned = (await api.get("/api/v2/activities", params={"deal_id": 42, "done": "false"})).json()["data"]
    assert {deal["id"] for deal in stage} == {42, *range(25, 33)}
    assert [activity["type"] for activity in planned] == ["call"]


async def test_an_activity_on_a_deal_takes_its_person_and_organization(api):
    """Like the vendor, the sandbox links an activity to those of its deal; the caller owns it."""
    body = {"subject": "Call", "type": "call", "deal_id": 42, "due_date": "2026-11-24"}
    activity = (await api.post("/api/v2/activities", json=body, headers=AGENT)).json()["data"]
    assert (activity["person_id"], activity["org_id"], activity["owner_id"]) == (1, 1, 90)


async def test_a_deleted_record_is_gone_from_lists_and_by_id(api):
    """DELETE answers the id; after that the record is 404."""
    assert (await api.delete("/api/v2/deals/44")).json()["data"] == {"id": 44}
    assert (await api.get("/api/v2/deals/44")).status_code == 404
    assert 44 not in [deal["id"] for deal in (await api.get("/api/v2/deals")).json()["data"]]


async def test_deals_are_found_by_title_and_organization(api):
    """Search looks into the title and the names around the deal."""
    found = (await api.get("/api/v2/deals/search", params={"term": "bâtisseurs"})).json()["data"]
    assert [each["item"]["id"] for each in found["items"]] == [5, 42]


async def test_labels_have_names_in_the_deal_fields(api):
    """The options of the field `label_ids` name the labels."""
    (field,) = (await api.get("/api/v2/dealFields")).json()["data"]
    assert field["field_code"] == "label_ids"
    assert {"id": 1, "label": "Hot", "color": "red"} in field["options"]
