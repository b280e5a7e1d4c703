import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.canonical import canonical, content_hash, decoded, encoded


def test_the_order_of_keys_does_not_matter() -> None:
    """One value, one spelling."""
    assert canonical({"b": [1, {"d": 2, "c": 3}], "a": "é"}) == '{"a":"é","b":[1,{"c":3,"d":2}]}'


def test_what_json_cannot_say_is_refused() -> None:
    """A hash over "NaN" would be one that no other language finds."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"value": float("nan")})


@given(st.text(st.characters()))
def test_any_text_can_be_hashed_and_kept(text: str) -> None:
    """Lone surrogates and NUL too."""
    assert decoded(encoded(text)) == text
    assert len(content_hash(text)) == 32
