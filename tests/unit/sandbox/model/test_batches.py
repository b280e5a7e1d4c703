"""Batches over a restart, and what is refused of them."""

import pytest

from sandbox.model.batches import Batches, Expired
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
        ([{"custom_id": "a:b"}], r"requests\.0\.custom_id: String should match"),
        ([{"custom_id": "a" * 65}], r"requests\.0\.custom_id: String should match"),
        ([{"custom_id": "a"}, {"custom_id": "a"}], r"requests\.1\.custom_id: 'a' is taken"),
    ],
)
def test_bad_batches_are_refused(clock, requests, says):
    """A batch needs requests, each with an id of its own."""
    with pytest.raises(VendorError, match=says):
        Batches(":memory:", 1, clock, answer).create({"requests": requests})


def requests(*names):
    return {"requests": [{"custom_id": name, "params": {"text": name}} for name in names]}


def test_results_come_in_an_order_of_their_own(clock):
    """Whoever pairs them with their requests by place pairs them wrongly."""
    batches = Batches(":memory:", 1, clock, answer)
    names = [f"r{number}" for number in range(10)]
    batch = batches.create(requests(*names))
    clock.now += 2
    told = [line["custom_id"] for line in batches.results(batch)]
    assert sorted(told) == names
    assert told != names


def test_what_takes_a_day_expires(clock):
    """It has ended after 24 hours, and nothing was answered."""
    batches = Batches(":memory:", 30 * 3600, clock, answer)
    batch = batches.create(requests("a"))
    clock.now += 24 * 3600 - 1
    assert not batches.ended(batch)
    clock.now += 1
    assert [line["result"] for line in batches.results(batch)] == [{"type": "expired"}]


def test_one_request_can_expire(clock):
    """The others are answered."""

    def lazy(params):
        if params["text"] == "a":
            raise Expired
        return answer(params)

    batches = Batches(":memory:", 1, clock, lazy)
    batch = batches.create(requests("a", "b"))
    clock.now += 2
    assert {line["custom_id"]: line["result"]["type"] for line in batches.results(batch)} == {
        "a": "expired",
        "b": "succeeded",
    }


def test_batches_are_listed_by_pages(clock):
    """The newest first, and the next page from behind the last one's end."""
    batches = Batches(":memory:", 1, clock, answer)
    made = [batches.create(requests("a")).id for _ in range(3)]
    first, more = batches.page(2, "")
    assert ([each.id for each in first], more) == ([made[2], made[1]], True)
    rest, more = batches.page(2, made[1])
    assert ([each.id for each in rest], more) == ([made[0]], False)
    with pytest.raises(VendorError):
        batches.page(0, "")
