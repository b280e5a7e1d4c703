async def test_a_mail_comes_in_from_the_deals_person(api):
    """Without a sender it is the deal's person who writes to the deal's owner."""
    await api.post("/sandbox/mail-in", json={"deal_id": 42, "subject": "Oui", "body": "On signe."})
    mail = (await api.get("/v1/deals/42/mailMessages")).json()["data"][0]["data"]
    assert (mail["from"][0]["name"], mail["to"][0]["name"], mail["sent_flag"]) == ("Julien Moreau", "Claire Martin", 0)


async def test_the_change_log_tells_who_changed_what_from_what_to_what(api):
    """One row a field, with the user's name."""
    await api.patch("/api/v2/deals/42", json={"stage_id": 4, "value": 50000})
    changes = (await api.get("/sandbox/changes", params={"deal_id": 42})).json()["changes"]
    told = {(row["user_name"], row["field"], row["old"], row["new"]) for row in changes}
    assert told == {("Claire Martin", "stage_id", 3, 4), ("Claire Martin", "value", 48600, 50000)}


async def test_the_change_log_goes_on_from_where_it_was_read(api):
    """`last_seq` is the `since` of the next reading."""
    await api.patch("/api/v2/deals/42", json={"stage_id": 4})
    read = (await api.get("/sandbox/changes")).json()
    await api.post("/v1/notes", json={"deal_id": 42, "content": "Vu"})
    (row,) = (await api.get("/sandbox/changes", params={"since": read["last_seq"]})).json()["changes"]
    assert (row["action"], row["entity"], row["deal_id"], row["new"]) == ("create", "note", 42, "Vu")


async def test_a_wrong_order_says_what_is_wrong(api):
    """A bad body is 400 with the field's name, an unknown deal 404."""
    bad = await api.post("/sandbox/mail-in", json={"deal_id": "x", "subject": "", "body": ""})
    assert (bad.status_code, "deal_id" in bad.text) == (400, True)
    assert (await api.post("/sandbox/mail-in", json={"deal_id": 4711, "subject": "", "body": ""})).status_code == 404
