async def test_the_first_page_shows_deals_by_stage_and_says_what_it_is(api):
    """Nobody shall take it for the real thing."""
    page = (await api.get("/")).text
    assert "sandbox: not Pipedrive" in page
    assert "Résidence Les Tilleuls" in page
    assert "Technical study" in page


async def test_a_deals_page_shows_its_history_and_its_changes(api):
    """Mails, notes, activities, and who changed what."""
    await api.patch("/api/v2/deals/42", json={"value": 51000})
    page = (await api.get("/deal/42")).text
    for expected in ("Devis D-2231", "Thermalis", "Visite de chantier", "48600 → 51000", "Claire Martin"):
        assert expected in page


async def test_what_a_stranger_wrote_is_shown_as_text(api):
    """A mail can't bring a script onto the page."""
    await api.post("/sandbox/mail-in", json={"deal_id": 42, "subject": "<script>x</script>", "body": "<b>y</b>"})
    page = (await api.get("/deal/42")).text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


async def test_health_is_answered_without_a_token(api):
    """200 with status ok."""
    assert (await api.get("/healthz", headers={"x-api-token": ""})).json()["status"] == "ok"
