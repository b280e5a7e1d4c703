"""The debounce inbox: nothing accepted is lost, nothing is handed out twice."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.agents import Debounce
from tests.unit.workflows.samples import NOON, event
from workflows.inbox import REMEMBERED, Inbox

QUIET = Debounce(quiet=timedelta(seconds=5), longest=timedelta(seconds=60), most=4)
SECOND = timedelta(seconds=1)


class OneEntity(RuleBasedStateMachine):
    """An entity's life: events and re-deliveries come, runs succeed and fail, history is continued as new."""

    def __init__(self):
        super().__init__()
        self.inbox = Inbox(QUIET)
        self.now = NOON
        self.accepted: list[str] = []
        self.running: tuple = ()
        self.done: list[str] = []

    @rule(number=st.integers(0, 30), wait=st.integers(0, 90))
    def an_event_comes(self, number, wait):
        self.now += wait * SECOND
        name = f"e{number}"
        assert self.inbox.put(event(name), self.now) == (name not in self.accepted)
        if name not in self.accepted:
            self.accepted.append(name)

    @precondition(lambda self: not self.running)
    @rule()
    def a_run_starts(self):
        self.running = self.inbox.take()

    @precondition(lambda self: self.running)
    @rule()
    def the_run_succeeds(self):
        self.done += [each.id for each in self.running]
        self.running = ()

    @precondition(lambda self: self.running)
    @rule()
    def the_run_fails(self):
        self.inbox.give_back(self.running, self.now)
        self.running = ()

    @precondition(lambda self: not self.running)
    @rule()
    def history_is_continued_as_new(self):
        carried = Inbox(QUIET, seen=list(self.inbox.seen))
        if self.inbox.waiting:
            carried.give_back(tuple(self.inbox.waiting), self.now)
        self.inbox = carried

    @invariant()
    def each_event_is_in_one_place_and_in_order(self):
        places = [*self.done, *(each.id for each in (*self.running, *self.inbox.waiting))]
        assert places == self.accepted

    @invariant()
    def what_waits_has_a_date(self):
        assert (self.inbox.due_at() is not None) == bool(self.inbox.waiting)


OneEntity.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_each_accepted_event_comes_out_once_per_success = OneEntity.TestCase


@given(st.lists(st.integers(0, 20), min_size=1, max_size=3))
def test_a_window_waits_for_quiet_but_not_for_ever(pauses):
    """It closes a quiet period after the last event, at the latest when the longest wait is over."""
    inbox, now = Inbox(QUIET), NOON
    for number, pause in enumerate(pauses):
        now += pause * SECOND
        inbox.put(event(f"e{number}"), now)
    first = NOON + pauses[0] * SECOND
    assert inbox.due_at() == min(now + QUIET.quiet, first + QUIET.longest)


def test_a_full_window_is_due_at_once():
    """The most events that a run takes don't wait for quiet."""
    inbox = Inbox(QUIET)
    for number in range(QUIET.most):
        assert not inbox.full()
        inbox.put(event(f"e{number}"), NOON + number * SECOND)
    assert inbox.due_at() == NOON


def test_an_empty_inbox_is_never_due():
    """Nothing waits, before the first event and after the last was taken."""
    inbox = Inbox(QUIET)
    assert inbox.due_at() is None
    inbox.put(event("e1"), NOON)
    inbox.take()
    assert inbox.due_at() is None


def test_a_redelivery_changes_nothing():
    """A known event doesn't even move the window's end."""
    inbox = Inbox(QUIET)
    inbox.put(event("e1"), NOON)
    before = inbox.due_at()
    assert not inbox.put(event("e1"), NOON + 3 * SECOND)
    assert inbox.due_at() == before


def test_events_given_back_open_a_window():
    """A failed run's events are due again without a new event."""
    inbox = Inbox(QUIET)
    inbox.put(event("e1"), NOON)
    taken = inbox.take()
    inbox.give_back(taken, NOON + 60 * SECOND)
    assert inbox.due_at() == NOON + 65 * SECOND


def test_the_memory_for_ids_is_bounded():
    """What is carried through continue-as-new doesn't grow with an entity's life; the latest ids are kept."""
    inbox = Inbox(QUIET)
    for number in range(REMEMBERED + 10):
        inbox.put(event(f"e{number}"), NOON)
    assert len(inbox.seen) == REMEMBERED
    assert not inbox.put(event(f"e{REMEMBERED}"), NOON)
