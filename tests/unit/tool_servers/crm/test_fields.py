import pytest


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("title", "Les Tilleuls, 66 radiateurs", {"title": "Les Tilleuls, 66 radiateurs"}),
        ("value", 51200, {"value": 51200}),
        ("value", "51200.50", {"value": 51200.5}),
        ("stage", "negotiation", {"stage_id": 4}),
        ("stage_id", 5, {"stage_id": 5}),
        ("expected_close_date", "2026-12-18", {"expected_close_date": "2026-12-18"}),
        ("label", "Hot", {"label_ids": [1]}),
        ("label", ["hot", "Key account"], {"label_ids": [1, 4]}),
        ("label", [], {"label_ids": []}),
        ("status", "won", {"status": "won"}),
    ],
)
async def test_a_field_is_set(tools, world, field, value, stored):
    """Names of stages and labels are enough; an amount may come as text."""
    await tools("update_deal", key="k1", deal_id=42, field=field, value=value)
    deal = world.crm.get("deal", 42)
    assert {name: deal[name] for name in stored} == stored


async def test_the_answer_tells_old_and_new(tools):
    """In the vendor's own field."""
    result = await tools("update_deal", key="k1", deal_id=42, field="value", value=50000)
    assert result == {"deal_id": 42, "field": "value", "old": 48600, "new": 50000}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("owner_id", 90, "title, value, stage"),
        ("value", "a lot", "48600"),
        ("value", -5, "48600"),
        ("stage", "Done", "Negotiation (4)"),
        ("expected_close_date", "Friday", "2026-12-31"),
        ("label", "Lukewarm", "Warm"),
        ("status", "paused", "open, won, lost"),
        ("title", "  ", "empty"),
    ],
)
async def test_a_wrong_field_or_value_says_what_would_be_right(tools, world, field, value, said):
    """The model can mend itself by the text, and nothing is changed."""
    before = world.crm.get("deal", 42)
    text = await tools.error("update_deal", key="k1", deal_id=42, field=field, value=value)
    assert text.startswith("bad arguments: ")
    assert said in text
    assert world.crm.get("deal", 42) == before
