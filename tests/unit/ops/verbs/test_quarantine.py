"""`./farm quarantine`, on a real store; its Temporal is away, so what is redriven waits in the spool."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.errors import FarmError
from starter.intake.accepting import unread_event
from starter.sources.catalogue import catalogue
from starter.sources.reading import read_event
from store.database import Database
from store.inbox import Inbox
from store.quarantine import Quarantine, Unread
from tests.unit.ops.verbs.conftest import Records
from tests.unit.starter.payloads import META, deal_change, note


def kept(on_record: Records, *payloads: Any) -> None:
    async def keep(db: Database) -> None:
        for payload in payloads:
            unread = Unread("pipedrive", json.dumps(payload).encode(), "application/json", "meta: Field required")
            await Quarantine(db).keep(unread, datetime.now(UTC))

    on_record.do(keep)


async def spooled(db: Database) -> list[str]:
    return [row.workflow_id for row in await Inbox(db).take()]


def states(on_record: Records) -> list[tuple[str, str]]:
    told = json.loads(on_record.farm("quarantine", "list", "--all", "--json").stdout)
    return [(each["state"], each["by"]) for each in told]


def test_what_waits_is_listed_with_its_reason(on_record: Records) -> None:
    """And an empty one says so."""
    assert on_record.farm("quarantine").stdout == "Nothing is in quarantine.\n"
    kept(on_record, {})
    told = on_record.farm("quarantine", "list").stdout
    assert told.startswith("1  ")
    assert "pipedrive\n  meta: Field required" in told


def test_one_is_shown_with_its_body(on_record: Records) -> None:
    """As it came."""
    kept(on_record, {"meta": "[not] a webhook"})
    assert '{"meta": "[not] a webhook"}' in on_record.farm("quarantine", "show", "1").stdout
    assert (
        json.loads(on_record.farm("quarantine", "show", "1", "--json").stdout)["body"] == '{"meta": "[not] a webhook"}'
    )


def test_redriven_it_takes_the_way_of_any_event(on_record: Records) -> None:
    """Read with today's code, spooled here for Temporal is away, and settled by name; twice is refused."""
    kept(on_record, deal_change())
    told = on_record.farm("quarantine", "redrive", "1", "--by", "claire")
    assert (told.exit_code, "deal.change, by pipedrive:user:11, spooled -> sales:deal:42" in told.stdout) == (0, True)
    assert states(on_record) == [("redriven", "claire")]
    assert "was redriven by claire already" in str(on_record.farm("quarantine", "redrive", "1").exception)
    assert on_record.do(spooled) == ["sales:deal:42"]


def test_two_of_one_event_are_one_event(on_record: Records) -> None:
    """The vendor sent it twice: the second is told as a duplicate."""
    kept(on_record, deal_change(), deal_change())
    assert "duplicate" in on_record.farm("quarantine", "redrive", "1", "2").stdout
    assert on_record.do(spooled) == ["sales:deal:42"]


def test_an_event_that_temporal_refused_needs_no_reading(on_record: Records) -> None:
    """It was kept as an event."""
    event = read_event(catalogue(), "pipedrive", deal_change())

    async def keep(db: Database) -> None:
        await Quarantine(db).keep(unread_event(event, "for sales: refused"), datetime.now(UTC))

    on_record.do(keep)
    assert "spooled -> sales:deal:42" in on_record.farm("quarantine", "redrive", "1").stdout


@pytest.mark.parametrize(
    ("payload", "says"),
    [({}, "still can't be read: meta"), (note(deal_id=None, person_id=None), "nothing that an agent gets")],
)
def test_what_still_can_not_be_taken_stays(on_record: Records, payload: Any, says: str) -> None:
    """With the reason, and nothing settled."""
    kept(on_record, payload)
    assert says in str(on_record.farm("quarantine", "redrive", "1").exception)
    assert states(on_record) == [("waiting", "")]


@pytest.mark.usefixtures("known_as_11")
def test_our_own_write_is_left_out_as_at_the_door(on_record: Records) -> None:
    """As a webhook, and as an event that Temporal refused: it stays; another's write goes on."""
    event = read_event(catalogue(), "pipedrive", deal_change())

    async def keep(db: Database) -> None:
        await Quarantine(db).keep(unread_event(event, "for sales: refused"), datetime.now(UTC))

    kept(on_record, deal_change(), note(deal_id=42) | {"meta": META | {"user_id": "12", "entity": "note"}})
    on_record.do(keep)
    for number in "1", "3":
        told = on_record.farm("quarantine", "redrive", number).exception
        assert "nothing that an agent gets: own write" in str(told)
    assert on_record.do(spooled) == []
    assert "spooled -> sales:deal:42" in on_record.farm("quarantine", "redrive", "2").stdout
    assert [state for state, _ in states(on_record)] == ["waiting", "redriven", "waiting"]


def test_where_nobody_knows_who_we_are_nothing_is_redriven(on_record: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which setting is missing; a CRM that doesn't answer is asked again later."""
    kept(on_record, deal_change())
    monkeypatch.delenv("PIPEDRIVE_API_TOKEN")
    assert "PIPEDRIVE_API_TOKEN isn't set" in str(on_record.farm("quarantine", "redrive", "1").exception)
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN", "ours")
    monkeypatch.setenv("PIPEDRIVE_API_URL", "http://127.0.0.1:1")
    assert "the CRM has not told who we are yet" in str(on_record.farm("quarantine", "redrive", "1").exception)
    assert states(on_record) == [("waiting", "")]


def test_what_nobody_needs_is_dropped(on_record: Records) -> None:
    """It stays on record, as settled by whom."""
    kept(on_record, {})
    assert on_record.farm("quarantine", "drop", "1", "--by", "claire").stdout == "1 dropped\n"
    assert states(on_record) == [("dropped", "claire")]
    assert "was dropped by claire already" in str(on_record.farm("quarantine", "drop", "1").exception)


@pytest.mark.parametrize("words", [("show", "7"), ("redrive", "7"), ("drop", "7")])
def test_a_number_that_is_none_is_said(on_record: Records, words: tuple[str, ...]) -> None:
    """In words."""
    assert isinstance(on_record.farm("quarantine", *words).exception, FarmError)


def test_which_ones_must_be_said(on_record: Records) -> None:
    """A misspelt command line, and not everything at once."""
    assert on_record.farm("quarantine", "drop").exit_code == 2
