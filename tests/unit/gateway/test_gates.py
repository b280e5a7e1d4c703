"""Each role's gate, by what its vendor answers, and how that is told."""

import asyncio

import pytest

from gateway.door.gate import FAILURES_IN_A_ROW
from tests.unit.gateway.vendor import House, Vendor


async def test_a_burst_meets_the_vendor_a_few_at_a_time():
    """All are answered, never more than so many at once."""
    vendor = Vendor(lambda _: "slow")
    house = House(vendor, at_once=3)
    answers = await asyncio.gather(*(house.ask(f"run-{number}/step") for number in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert vendor.most_at_once == 3


async def test_roles_do_not_wait_for_each_other():
    """A role's gate is its own."""
    vendor = Vendor(lambda _: "slow")
    house = House(vendor, at_once=1)
    await asyncio.gather(house.ask(role="triage"), house.ask(role="insight"))
    assert vendor.most_at_once == 2


async def test_what_finds_no_room_is_a_passing_refusal():
    """429 with a time to come back, in the envelope that every client knows; and the vendor hears nothing of it."""
    vendor = Vendor()
    vendor.going.clear()
    house = House(vendor, at_once=1)
    calls = [asyncio.create_task(house.ask(f"run-{number}/step")) for number in range(60)]
    done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    refused = done.pop().result()
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "rate_limit_error")
    assert float(refused.headers["retry-after"]) > 0
    assert len(vendor.asked) == 1
    vendor.going.set()
    await asyncio.gather(*calls)


@pytest.mark.parametrize("status", ["500", "503", "529", "408"])
async def test_a_vendor_that_is_away_is_said_to_be(status):
    """After failures in a row its state is `away`, with the last error; one answer ends it."""
    vendor = Vendor(lambda number: status if number <= FAILURES_IN_A_ROW else "answer")
    house = House(vendor)
    for number in range(FAILURES_IN_A_ROW):
        await house.ask(f"run-{number}/step")
    seen = (await house.vendors())["roles"]["triage"]
    assert (seen["state"], seen["failed"], seen["last_error"]["status"]) == ("away", FAILURES_IN_A_ROW, int(status))


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "413"])
async def test_a_lasting_failure_is_never_hidden(status):
    """However often, each caller is told by the vendor itself: the gate stays open."""
    vendor = Vendor(lambda _: status)
    house = House(vendor)
    said = [(await house.ask(f"run-{number}/step")).status_code for number in range(3 * FAILURES_IN_A_ROW)]
    assert said == [int(status)] * len(vendor.asked) == [int(status)] * 15
    assert (await house.vendors())["roles"]["triage"]["state"] == "open"


async def test_a_vendor_that_has_too_much_shuts_its_gate():
    """As long as it says."""
    house = House(Vendor(lambda _: "429", retry_after="7"))
    await house.ask()
    seen = (await house.vendors())["roles"]["triage"]
    assert (seen["state"], 5 < seen["shut_s"] <= 7) == ("shut", True)


async def test_roles_that_are_made_up_are_not_remembered_without_end():
    """A caller's mistakes take no memory."""
    house = House(Vendor())
    for number in range(150):
        await house.ask(f"run-{number}/step", role=f"role-{number}")
    assert len((await house.vendors())["roles"]) == 100
