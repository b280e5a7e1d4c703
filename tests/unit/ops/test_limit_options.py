import pytest

from gateway.prices.money import DOLLAR
from ops.errors import FarmError
from ops.limit_options import changes

NOTHING = dict.fromkeys(("daily", "monthly", "rpm", "tpm", "models"), "")


def test_only_what_is_named_is_changed() -> None:
    """What isn't said stays as it is."""
    assert changes(**NOTHING) == {}
    assert changes(**{**NOTHING, "daily": "5", "tpm": "200_000"}) == {"daily": 5 * DOLLAR, "tpm": 200_000}


def test_off_takes_a_limit_away() -> None:
    """Of whatever kind."""
    assert changes(**dict.fromkeys(NOTHING, "off")) == dict.fromkeys(NOTHING)


def test_money_may_have_cents_and_be_nothing() -> None:
    """Nothing means no call at all."""
    assert changes(**{**NOTHING, "daily": "$0.50", "monthly": "0"}) == {"daily": DOLLAR // 2, "monthly": 0}


def test_roles_are_a_list() -> None:
    """Each once, in their order."""
    assert changes(**{**NOTHING, "models": "triage, orchestrator,triage"}) == {"models": ("triage", "orchestrator")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("daily", "-1"), ("daily", "nan"), ("daily", "inf"), ("daily", "five"), ("monthly", "1e9"),
        ("rpm", "0"), ("rpm", "-5"), ("rpm", "1.5"), ("tpm", "many"), ("tpm", "٣"), ("tpm", "9" * 20),
        ("models", ","), ("models", "a b"), ("models", "tri;age"),
    ],
)  # fmt: skip
def test_bad_input_names_the_option(name: str, text: str) -> None:
    """And says what to write."""
    with pytest.raises(FarmError, match=f"--{name}: ") as refused:
        changes(**{**NOTHING, name: text})
    assert "off" in refused.value.remedies[0]
