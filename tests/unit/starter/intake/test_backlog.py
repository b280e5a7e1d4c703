"""What a starter knows of the spool when it can't ask, and what it does by it."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.service import RPCError, RPCStatusCode

from starter.intake.backlog import Backlog
from tests.unit.starter.conftest import House
from tests.unit.starter.payloads import META, deal_change

CLOSED = OperationalError("select", {}, Exception("closed"))
AWAY = RPCError("no server", RPCStatusCode.UNAVAILABLE, b"")


def change(deal: str, number: int) -> dict[str, object]:
    return deal_change() | {"meta": META | {"entity_id": deal, "id": f"{deal}-{number}"}}


async def test_nothing_goes_past_what_is_spooled_while_the_store_is_away(house: House) -> None:
    """Temporal is back, the store has gone, and an older event of the deal is in it: 503. Another deal's goes on."""
    house.temporal.away = AWAY
    assert (await house.webhook(change("42", 1))).json()["outcome"] == "spooled"
    house.temporal.away, house.door.away = None, CLOSED
    answer = await house.webhook(change("42", 2))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "older events of toy:deal:42" in answer.json()["reason"]
    assert (await house.webhook(change("43", 1))).json()["outcome"] == "accepted"
    assert house.measures.registry.get_sample_value(
        "farm_intake_refused_total", {"source": "pipedrive", "reason": "out_of_turn"}
    )


async def test_what_could_not_be_spooled_holds_nobody_up(house: House) -> None:
    """Both were away, and the sender comes again when Temporal is back: nothing older is in the store."""
    house.temporal.away, house.door.away = AWAY, CLOSED
    assert (await house.webhook(change("42", 1))).status_code == 503
    house.temporal.away = None
    assert (await house.webhook(change("42", 1))).json()["outcome"] == "accepted"


async def test_a_store_that_answers_is_believed(house: House) -> None:
    """The spool was emptied: what this process remembers of it doesn't count."""
    house.backlog.add(["toy:deal:42"])
    assert (await house.webhook(change("42", 1))).json()["outcome"] == "accepted"


async def test_what_the_store_says_replaces_what_was_known() -> None:
    """Another starter's rows come in, delivered ones go."""
    backlog = Backlog()
    backlog.add(["delivered"])

    async def queued() -> list[str]:
        return ["another's"]

    await backlog.look(queued)
    assert backlog.among(["delivered", "another's", "unheard"]) == {"another's"}


async def test_what_is_spooled_during_a_look_is_not_forgotten() -> None:
    """The answer was under way already."""
    backlog, asked, answer = Backlog(), asyncio.Event(), asyncio.Event()

    async def queued() -> list[str]:
        asked.set()
        await answer.wait()
        return []

    looking = asyncio.create_task(backlog.look(queued))
    await asked.wait()
    backlog.add(["fresh"])
    answer.set()
    await looking
    assert backlog.among(["fresh"]) == {"fresh"}


async def test_a_look_that_fails_forgets_nothing() -> None:
    """The store is away, which is when it is needed."""
    backlog = Backlog()
    backlog.add(["known"])

    async def queued() -> list[str]:
        raise CLOSED

    with pytest.raises(OperationalError):
        await backlog.look(queued)
    assert backlog.among(["known"]) == {"known"}
