"""What a workflow picks of an answer that is too long for it."""

import pytest

from activities.picking import picked

DEAL = {"status": "open", "person": {"name": "Julien"}, "mails": [{"id": 7}], "lost": None, "story": "x" * 500}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("status", {"status": "open"}),
        ("person.name", {"person.name": "Julien"}),
        ("mails.0.id", {"mails.0.id": 7}),
        ("lost", {"lost": None}),
        ("gone", {}),
        ("mails.3.id", {}),
        ("mails.first", {}),
        ("status.name", {}),
    ],
)
def test_a_path_leads_to_a_value(path, found):
    """Through objects and lists. What isn't there is not found, which is another thing than to be empty."""
    assert picked(DEAL, [path]) == found


def test_a_long_value_is_told_by_its_hash():
    """It stays short in Temporal's history, and another value has another hash."""
    (story,) = picked(DEAL, ["story"]).values()
    assert str(story).startswith("sha256:")
    assert len(str(story)) < 50
    assert picked({"story": "y" * 500}, ["story"]) != {"story": story}
