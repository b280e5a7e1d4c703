"""`./farm recover`: what is asked for; what it brings back is tested on a server, in tests/integration/ops."""

import pytest

from ops.errors import FarmError
from tests.unit.ops.verbs.conftest import Records


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("deal",), "names nothing an agent looks after"),
        (("deal:42", "--since", "long"), "no span of time"),
        (("sales:deal:42",), "no Temporal answers"),
    ],
)
def test_what_can_not_be_done_is_told(on_record: Records, words: tuple[str, ...], says: str) -> None:
    """In a sentence."""
    error = on_record.farm("recover", *words).exception
    assert isinstance(error, FarmError)
    assert says in str(error)
