"""What the gateway is told of keeping answers and of calls at once."""

import pytest

from gateway.door.settings import at_once, kept


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ("", {"*": 64}),
        ("8", {"*": 8}),
        ('{"triage": 32}', {"*": 64, "triage": 32}),
        ('{"*": 4, "triage": 32}', {"*": 4, "triage": 32}),
    ],
)
def test_calls_at_once_are_a_number_or_one_for_each_role(given, roles):
    """Roles that aren't named have the number of all."""
    assert at_once({"FARM_GATEWAY_AT_ONCE": given}) == roles


@pytest.mark.parametrize("given", ["many", "0", "-1", "1.5", "true", "[]", '{"triage": 0}', '{"triage": "many"}'])
def test_what_is_no_number_of_calls_is_named(given):
    """With the variable, and with what was given."""
    with pytest.raises(ValueError, match=r"FARM_GATEWAY_AT_ONCE=.*give a number") as caught:
        at_once({"FARM_GATEWAY_AT_ONCE": given})
    assert given in str(caught.value)


@pytest.mark.parametrize("given", ["a day", "-1", "nan", "inf"])
@pytest.mark.parametrize("name", ["FARM_GATEWAY_KEEP_S", "FARM_GATEWAY_KEEP_MB"])
def test_what_is_no_bound_is_named(name, given):
    """With the variable, and with what was given."""
    with pytest.raises(ValueError, match=f"{name}='{given}'"):
        kept({name: given})


def test_answers_are_kept_in_the_file_that_is_named(tmp_path):
    """Without one they are in memory, and gone with the process."""
    kept({"FARM_GATEWAY_KEPT": str(tmp_path / "kept.db")}).close()
    assert (tmp_path / "kept.db").exists()
