"""What an entity waits for beside the next event."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.events import EntityRef
from contracts.search_attributes import LONGEST_KEYWORD
from contracts.workflows import FollowUp, Replan, RunOutcome
from tests.unit.workflows.samples import NOON, event
from workflows.entity import waiting
from workflows.entity.waiting import Wait
from workflows.sales.agent import SALES

DEAL = EntityRef(kind="deal", id="42")
DAY = timedelta(days=1)
REPLY = event("mail", last_incoming_mail_time=(None, "now"))
MOVED = event("moved", stage_id=(2, 3))
LOST = event("lost", status=("open", "lost"))
LABEL = event("label", label_ids=([1], [2]))


def plan(**changes) -> FollowUp:
    return FollowUp.model_validate({"at": NOON + 3 * DAY, "reason": "no answer yet", "since": NOON} | changes)


def chain(**changes) -> FollowUp:
    return plan(until=("reply",), then=(NOON + 10 * DAY, NOON + 24 * DAY), **changes)


def wait(follow_up: FollowUp | None) -> Wait:
    return Wait(SALES, DEAL, follow_up)


def test_a_date_that_has_not_come_is_no_event():
    """And one that has come is one, once."""
    waits = wait(plan())
    assert waits.take_due(NOON + 3 * DAY - timedelta(seconds=1)) is None
    due = waits.take_due(NOON + 3 * DAY)
    assert (due.kind, due.source, due.summary) == (
        "follow_up.due",
        "timer",
        "A planned follow-up is due: no answer yet",
    )
    assert waits.take_due(NOON + 3 * DAY) is None
    assert waits.due_at() is None


def test_a_chain_goes_on_to_its_next_date():
    """Each link says which it is, since when nothing came and when the next is; the last says no more of a next."""
    waits = wait(chain())
    told = []
    while (due := waits.due_at()) is not None:
        told.append(waits.take_due(due).summary)
    assert told == [
        "A planned follow-up is due, 1 of 3: no answer yet. "
        "Not come since Monday 2026-11-23 13:00 Europe/Paris: the client wrote. "
        "The next is on Thursday 2026-12-03 13:00 Europe/Paris",
        "A planned follow-up is due, 2 of 3: no answer yet. "
        "Not come since Monday 2026-11-23 13:00 Europe/Paris: the client wrote. "
        "The next is on Thursday 2026-12-17 13:00 Europe/Paris",
        "A planned follow-up is due, 3 of 3: no answer yet. "
        "Not come since Monday 2026-11-23 13:00 Europe/Paris: the client wrote",
    ]


def test_dates_long_over_are_one_look():
    """After an outage of weeks nobody is reminded three times in a minute."""
    waits = wait(chain())
    assert "2 of 3" in waits.take_due(NOON + 11 * DAY).summary
    assert waits.due_at() == NOON + 24 * DAY


@pytest.mark.parametrize(
    ("until", "news", "ends"),
    [
        ((), REPLY, False),
        (("reply",), REPLY, True),
        (("reply",), MOVED, False),
        (("stage",), MOVED, True),
        (("reply", "stage"), MOVED, True),
        (("reply", "stage"), LABEL, False),
        ((), LOST, True),
        (("reply",), event("gone", kind="deal.delete"), True),
        (("a name of before",), REPLY, False),
    ],
)
def test_a_wait_is_ended_by_what_it_waits_for(until, news, ends):
    """And by what the agent says ends every wait."""
    assert wait(plan(until=until)).is_ended_by(news) is ends


def test_nothing_planned_is_ended_by_nothing():
    """An event beside no follow-up is an event."""
    assert not wait(None).is_ended_by(LOST)


def test_news_too_far_from_a_person_ends_no_wait():
    """It gets no run, so nobody would look any more."""
    far = REPLY.model_copy(update={"hop": SALES.most_hops + 1})
    assert not wait(chain()).is_ended_by(far)


def test_the_next_run_is_told_what_came_first():
    """Which it was, that the rest of the chain is off, and what it was planned for."""
    waits = wait(chain(number=2))
    told = waits.end(REPLY.model_copy(update={"hop": 2, "tenant": "t"}), NOON + DAY)
    assert waits.follow_up is None
    assert told.summary == (
        "The follow-up of Thursday 2026-11-26 13:00 Europe/Paris, 2 of 4 is off: the client wrote, which was waited "
        "for. It was planned because: no answer yet"
    )
    assert (told.kind, told.hop, told.tenant, told.entity) == ("follow_up.off", 2, "t", DEAL)
    assert told.occurred_at == NOON + DAY


def test_a_lost_deal_says_so_itself():
    """What ends every wait is told in its own words."""
    assert "is off: summary of lost." in wait(plan()).end(LOST, NOON).summary


def test_what_is_told_fits_an_event():
    """The longest reason and the longest summary beside each other."""
    waits = wait(plan(reason="x" * 300))
    assert len(waits.end(LOST.model_copy(update={"summary": "y" * 500}), NOON).summary) <= 500


@pytest.mark.parametrize(
    ("outcome", "at"),
    [
        (RunOutcome(status="done"), NOON + 3 * DAY),
        (RunOutcome(status="done", called_off=True), None),
        (RunOutcome(status="done", follow_up=plan(at=NOON + 9 * DAY)), NOON + 9 * DAY),
    ],
)
def test_a_run_leaves_replaces_or_calls_off(outcome, at):
    """What was planned stands where the run planned nothing."""
    waits = wait(plan())
    assert waits.adopt(outcome) is (at != NOON + 3 * DAY)
    assert waits.due_at() == at


def test_a_persons_date_is_not_overridden_by_the_run_under_way():
    """Its model didn't know of it. The next run may plan anew."""
    waits = wait(plan())
    waits.run_begins()
    waits.replan(Replan(by="Claire", at=NOON + 5 * DAY), NOON)
    assert not waits.adopt(RunOutcome(status="done", follow_up=plan(at=NOON + 9 * DAY)))
    assert waits.due_at() == NOON + 5 * DAY
    waits.run_begins()
    assert waits.adopt(RunOutcome(status="done", called_off=True))


def test_a_person_moves_a_date_and_keeps_what_it_waits_for():
    """The reason and the conditions stay, the later dates of the chain go."""
    waits = wait(chain())
    waits.replan(Replan(by="Claire", at=NOON + 5 * DAY), NOON)
    assert waits.follow_up == plan(at=NOON + 5 * DAY, until=("reply",))
    waits.replan(Replan(by="Claire", at=NOON + 6 * DAY, reason="after the fair"), NOON)
    assert waits.follow_up.reason == "after the fair"
    waits.replan(Replan(by="Claire"), NOON)
    assert waits.follow_up is None


@pytest.mark.parametrize(
    ("follow_up", "shown"),
    [
        (None, "the next event"),
        (plan(), "follow-up 2026-11-26 13:00 Europe/Paris (Thursday)"),
        (plan(time_zone="Asia/Tokyo"), "follow-up 2026-11-26 13:00 Europe/Paris (Thursday)"),
        (plan(until=("reply", "stage")), "follow-up 2026-11-26 13:00 Europe/Paris (Thursday) or reply or stage"),
        (chain(number=2), "follow-up 2026-11-26 13:00 Europe/Paris (Thursday), 2 of 4 or reply"),
    ],
)
def test_the_temporal_ui_says_what_and_until_when(follow_up, shown):
    """By the agent's clock, and without the reason, which is the model's words."""
    assert wait(follow_up).shown() == shown


def test_what_is_shown_fits_a_keyword():
    """However many things it waits for."""
    assert len(wait(plan(until=("reply",) * 60)).shown()) == LONGEST_KEYWORD


def test_a_wait_of_before_is_read():
    """A follow-up that an older version left has a date and a reason, and is shown and comes as ever."""
    before = FollowUp.model_validate({"at": "2026-12-01T09:00:00+01:00", "reason": "no answer yet"})
    waits = wait(before)
    assert waits.shown() == "follow-up 2026-12-01 09:00 Europe/Paris (Tuesday)"
    assert waits.take_due(datetime(2026, 12, 1, 8, tzinfo=UTC)).summary == "A planned follow-up is due: no answer yet"


def test_what_stands_is_told_to_the_next_run():
    """By the clock that was meant, with what would end it."""
    assert waiting.stands(SALES, None) == ""
    assert waiting.stands(SALES, chain(number=2, time_zone="Asia/Tokyo")) == (
        "Thursday 2026-11-26 21:00 Asia/Tokyo (2 of 4), or as soon as this comes: the client wrote: no answer yet"
    )
