"""What a run knows of the world, for whoever decides on what it wants to do."""

from datetime import UTC, datetime

import pytest

from contracts.approvals import Reading
from contracts.calls import ModelReply, ToolReply
from contracts.events import EntityRef, Event
from workflows.run.facts import MOST, Known, Proposal, outside_words, reading, requester


def event(actor: str = "", *, outside: bool = False) -> Event:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    deal = EntityRef(kind="deal", id="42")
    return Event(
        id="1", source="mail", kind="mail.received", entity=deal, occurred_at=now, actor=actor, outside=outside
    )


def test_a_reading_leads_to_what_was_read():
    """In words, by reference, and by the address that the tool's answer gave."""
    reply = ToolReply(ref="abc", url="https://crm.example/deal/42")
    assert reading("bootstrap-1", "crm__get_deal", {"deal_id": 42}, reply, outside=True) == Reading(
        step="bootstrap-1",
        what="get deal: deal_id 42",
        ref="abc",
        url="https://crm.example/deal/42",
        outside=True,
    )


def test_the_newest_readings_are_kept():
    """A long run reads more than anybody would look at, and its state must not grow with it."""
    known = Known()
    for number in range(MOST + 3):
        known.read(Reading(step=f"s-{number}", what=f"x {number}"))
    assert [each.step for each in known.readings] == [f"s-{number}" for number in range(3, MOST + 3)]


def test_what_is_read_again_is_one_reading():
    """As it was read last."""
    known = Known()
    for step, what in (("s-1", "x"), ("s-2", "y"), ("s-3", "x")):
        known.read(Reading(step=step, what=what))
    assert [each.step for each in known.readings] == ["s-2", "s-3"]


def test_the_first_taint_stays():
    """It says by what the run was tainted first; nothing is no taint."""
    known = Known()
    assert not known.taint("")
    assert known.taint("list mails: deal_id 42")
    assert not known.taint("a web page")
    assert known.tainted == "list mails: deal_id 42"


def test_a_strangers_event_taints():
    """It is named by its kind and who wrote it."""
    assert outside_words([event("pipedrive:user:11")]) == ""
    assert outside_words([event(), event("mail:j@b.example", outside=True)]) == "mail.received from mail:j@b.example"


@pytest.mark.parametrize(
    ("actors", "found"),
    [
        (("pipedrive:user:11",), "pipedrive:user:11"),
        (("slack:user:U0TOM", "pipedrive:user:11"), "U0TOM"),
        (("agent:sales",), ""),
        (("mail:j@b.example",), ""),
        (("", "agent:sales", "operator:tom"), "operator:tom"),
        ((), ""),
    ],
)
def test_the_requester_is_a_person(actors, found):
    """The first whose doing began the run, as Slack knows them; no agent, and no client who writes a mail."""
    assert requester(map(event, actors)) == found


def test_a_proposal_is_what_a_turn_said():
    """The model by its name, and its words on one line, cut where they are many."""
    made = Proposal.of(ModelReply(head="h", text="I answer\n him. " + "x" * 2000, model="strong-2"))
    assert made.model == "strong-2"
    assert made.words.startswith("I answer him. xxx")
    assert len(made.words) == 1000
