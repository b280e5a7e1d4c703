"""Batches over a restart, and what is refused of them."""

import pytest

from sandbox.model.batches import Batches
from sandbox.model.errors import VendorError


def answer(params):
    return {"said": params["text"]}


def test_a_batch_survives_a_restart(tmp_path, clock):
    """A batch taken in by one process is answered by the next one on the same file."""
    file = str(tmp_path / "model.db")
    batch = Batches(file, 1, clock, answer).create({"requests": [{"custom_id": "a", "params": {"text": "hi"}}]})
    clock.now += 2
    later = Batches(file, 1, clock, answer)
    (line,) = later.results(later.get(batch.id))
    assert line == {"custom_id": "a", "result": {"type": "succeeded", "message": {"said": "hi"}}}


def test_the_same_batch_twice_is_two(clock):
    """Sending a batch again makes another one, as at the vendor's."""
    batches = Batches(":memory:", 1, clock, answer)
    body = {"requests": [{"custom_id": "a", "params": {}}]}
    assert batches.create(body).id != batches.create(body).id


@pytest.mark.parametrize(
    ("requests", "says"),
    [
        ([], "at least 1 item"),
        ([{"params": {}}], r"requests\.0\.custom_id: Field required"),
        ([{"custom_id": "a"}, {"custom_id": "a"}], r"requests\.1\.custom_id: 'a' is taken"),
    ],
)
def test_bad_batches_are_refused(clock, requests, says):
    """A batch needs requests, each with an id of its own."""
    with pytest.raises(VendorError, match=says):
        Batches(":memory:", 1, clock, answer).create({"requests": requests})
