"""`./farm dead-letters`, on a real store; what goes to Temporal is tested on a server, in tests/workflow."""

import json

import pytest

from contracts.calls import DEAD_LETTER
from ops.errors import FarmError
from store.database import Database
from store.dead_letters import DeadLetters
from store.inbox import Inbox
from store.retention import Retention
from store.runs import Runs
from tests.unit.ops.verbs.conftest import Records
from tests.unit.store.samples import NOON, RUN, run_record

EVENT = {
    "id": "e1",
    "source": "pipedrive",
    "kind": "deal.change",
    "entity": {"kind": "deal", "id": "42"},
    "occurred_at": "2026-11-23T12:00:00Z",
    "actor": "pipedrive:user:11",
    "summary": "Deal 42 was lost",
}


async def given_up(db: Database) -> None:
    told = {"status": "failed", "reason": "no key", "events": (EVENT,), "at": NOON.replace(year=2020)}
    await Runs(db).record(run_record(RUN, phase=DEAD_LETTER, **told))
    await Runs(db).record(run_record("sales:deal:42/run-2", status="done", at=NOON))


async def spooled(db: Database) -> list[str]:
    return [row.event["id"] for row in await Inbox(db).take()]


async def redriven(db: Database) -> None:
    await DeadLetters(db).settle(RUN, "redriven", "claire")


@pytest.fixture
def records(on_record: Records) -> Records:
    on_record.do(given_up)
    return on_record


def test_none_waits(on_record: Records) -> None:
    """An empty list is said to be one."""
    assert on_record.farm("dead-letters", "list").stdout == "No dead letter waits.\n"
    assert on_record.farm("dead-letters", "list", "--json").stdout == "[]\n"


def test_what_waits_is_listed_and_shown(records: Records) -> None:
    """The run, since when, how many events and why; and each event in words."""
    listed = records.farm("dead-letters", "list").stdout
    for word in (RUN, "2020-11-23 12:00", "waiting", "no key"):
        assert word in listed
    shown = records.farm("dead-letters", "show", RUN).stdout
    for word in ("waits since 2020-11-23 12:00 UTC: 1 event", "no key", "Deal 42 was lost", "e1"):
        assert word in shown
    (told,) = json.loads(records.farm("dead-letters", "list", "--json").stdout)
    assert (told["run"], told["state"], told["events"]) == (RUN, "waiting", [EVENT])


def test_a_letter_is_dropped_by_somebody(records: Records) -> None:
    """On record with who it was; then it waits no more, and dropping it again changes nothing."""
    assert f"{RUN}  was dropped by claire" in records.farm("dead-letters", "drop", RUN, "--by", "claire").stdout
    assert records.farm("dead-letters", "list").stdout == "No dead letter waits.\n"
    assert "dropped by claire" in records.farm("dead-letters", "drop", RUN, "--by", "tom").stdout
    assert "dropped by claire" in records.farm("dead-letters", "list", "--all").stdout


def test_all_of_an_agent_are_dropped(records: Records) -> None:
    """And none of another's."""
    assert records.farm("dead-letters", "drop", "--all", "--agent", "tender").stdout == "No dead letter waits.\n"
    assert (
        "was dropped by claire"
        in records.farm("dead-letters", "drop", "--all", "--agent", "sales", "--by", "claire").stdout
    )


def test_what_was_redriven_cannot_be_dropped(records: Records) -> None:
    """It is said who did it."""
    records.do(redriven)
    error = records.farm("dead-letters", "drop", RUN).exception
    assert isinstance(error, FarmError)
    assert "was redriven by claire" in str(error)


def test_a_dropped_letter_is_not_redriven(records: Records) -> None:
    """Nor is anything asked of a Temporal that isn't there."""
    records.farm("dead-letters", "drop", RUN, "--by", "claire")
    assert records.farm("dead-letters", "redrive", "--all").stdout == "No dead letter waits.\n"
    error = records.farm("dead-letters", "redrive", RUN).exception
    assert isinstance(error, FarmError)
    assert "was dropped by claire" in str(error)


def test_a_redriven_letter_stays_so(records: Records) -> None:
    """Asked for again it says when and by whom it was, and needs no Temporal for that."""
    records.do(redriven)
    result = records.farm("dead-letters", "redrive", RUN, "--by", "tom")
    assert (result.exit_code, "was redriven by claire" in result.stdout) == (0, True)


def test_with_temporal_away_its_events_wait_on_disk(records: Records) -> None:
    """As an event at the door does; the agent gets them, whatever it listens to."""
    assert records.farm("dead-letters", "redrive", RUN, "--by", "claire").exit_code == 0
    assert records.do(spooled) == ["redrive-1:e1"]
    assert [each["state"] for each in json.loads(records.farm("dead-letters", "list", "--all", "--json").stdout)] == [
        "redriven"
    ]


@pytest.mark.usefixtures("known_as_11")
def test_our_own_write_is_left_out_as_at_the_door(records: Records) -> None:
    """The letter waits on, and nothing is spooled."""
    told = records.farm("dead-letters", "redrive", RUN).exception
    assert "nothing that an agent gets: own write" in str(told)
    assert records.do(spooled) == []
    assert json.loads(records.farm("dead-letters", "list", "--json").stdout)[0]["state"] == "waiting"


@pytest.mark.parametrize("words", [("drop",), ("redrive",), ("show",), ("drop", RUN, "--all"), ("list", RUN)])
def test_which_one_must_be_said(records: Records, words: tuple[str, ...]) -> None:
    """One run or all: an exit code of a misspelt command line, and nothing done."""
    assert records.farm("dead-letters", *words).exit_code == 2
    assert RUN in records.farm("dead-letters", "list").stdout


def test_an_unknown_run_is_told(records: Records) -> None:
    """With what to do."""
    assert "is no dead letter" in str(records.farm("dead-letters", "show", "sales:deal:42/run-2").exception)


def test_a_dead_letter_that_waits_outlives_the_sweep(records: Records) -> None:
    """Its run goes once somebody settled it, and the letter with it."""

    async def sweep(db: Database) -> tuple[str, ...]:
        return (await Retention(db).sweep(older_than=NOON - NOON)).runs

    async def letters(db: Database) -> int:
        return len(await DeadLetters(db).all())

    assert (records.do(sweep), records.do(letters)) == ((), 1)
    records.farm("dead-letters", "drop", RUN)
    assert (records.do(sweep), records.do(letters)) == ((RUN,), 0)
