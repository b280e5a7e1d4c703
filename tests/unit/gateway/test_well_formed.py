import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.well_formed import well_formed

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=10,
)


@given(ANY_JSON)
def test_whatever_a_model_writes_can_be_stored(value):
    """Halves of surrogate pairs are replaced wherever they stand."""
    json.dumps(well_formed(value), ensure_ascii=False).encode("utf-8")


@given(st.text())
def test_what_is_well_formed_stays(text):
    """Nothing else is touched."""
    assert well_formed(text) == text


def test_a_pair_becomes_one_character():
    """Two halves side by side are an emoji that JSON wrote in two escapes."""
    assert well_formed({"body": ["\ud83d\ude00", "\ud83d"]}) == {"body": ["\U0001f600", "\ufffd"]}
