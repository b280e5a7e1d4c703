"""The debounce inbox: nothing accepted is lost, nothing is handed out twice."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.agents import Debounce
from contracts.events import EntityRef
from contracts.workflows import EntityState
from tests.unit.workflows.samples import NOON, event
from workflows.entity.inbox import CARRIED_BYTES, RUN_BYTES, Inbox

QUIET = Debounce(quiet=timedelta(seconds=5), longest=timedelta(seconds=60), most=4)
SECOND = timedelta(seconds=1)
DEAL = EntityState(agent="sales", entity=EntityRef(kind="deal", id="42"))


def carried_over(inbox: Inbox, now=NOON) -> Inbox:
    """The inbox of the next history: its state went through JSON."""
    state = DEAL.model_copy(update=inbox.carry())
    return Inbox.carried(EntityState.model_validate_json(state.model_dump_json()), inbox.debounce, now)


def named(news) -> str:
    return f"{news.source} {news.id}"


class OneEntity(RuleBasedStateMachine):
    """An entity's life: events and re-deliveries come, windows close, runs succeed, fail and are given up for good,
    dead letters are redriven, a run hears of what came while it was at work, history is continued as new.
    """

    def __init__(self):
        super().__init__()
        self.inbox = Inbox(QUIET)
        self.now = NOON
        self.accepted: list[str] = []
        self.running: tuple = ()
        self.done: list[str] = []
        self.dead: list[list] = []
        self.redriven = 0
        self.due: dict = {}
        """Event -> when it has to be due, whatever comes."""

        self.urgent: set[str] = set()
        self.heard: set[str] = set()
        """What the run heard beside its own."""

    def comes(self, news, urgent=False):
        name = named(news)
        assert self.inbox.put(news, self.now, urgent=urgent) == (name not in self.accepted)
        if name not in self.accepted:
            self.accepted.append(name)
            self.due[name] = self.now + (timedelta() if urgent else QUIET.longest)
            self.urgent |= {name} if urgent else set()

    @rule(number=st.integers(0, 30), source=st.sampled_from(["pipedrive", "slack"]), urgent=st.booleans())
    def an_event_comes(self, number, source, urgent):
        self.comes(event(f"e{number}").model_copy(update={"source": source}), urgent)

    @rule(wait=st.integers(1, 90))
    def time_goes_by(self, wait):
        self.now += wait * SECOND

    @precondition(lambda self: not self.running and self.inbox.waiting and self.inbox.due_at() <= self.now)
    @rule()
    def a_run_starts(self):
        self.running = self.inbox.take()
        assert 1 <= len(self.running) <= QUIET.most
        if self.inbox.waiting:
            assert self.inbox.due_at() <= self.now

    @precondition(lambda self: self.running and self.inbox.waiting)
    @rule(which=st.integers(0, 30))
    def the_run_hears_of_one(self, which):
        self.heard.add(named(self.inbox.waiting[which % len(self.inbox.waiting)]))

    @precondition(lambda self: self.running)
    @rule()
    def the_run_succeeds(self):
        rest = {named(each) for each in self.inbox.waiting} - self.heard
        self.inbox.leave({name.replace(" ", ":") for name in self.heard}, pressing=not rest.isdisjoint(self.urgent))
        self.done += [*map(named, self.running), *self.heard]
        self.running, self.heard = (), set()

    @precondition(lambda self: self.running)
    @rule()
    def the_run_is_given_up(self):
        self.dead.append(list(map(named, self.running)))
        self.running, self.heard = (), set()

    @precondition(lambda self: self.dead)
    @rule(twice=st.booleans())
    def a_dead_letter_is_redriven(self, twice):
        self.redriven += 1
        names = self.dead.pop(0)
        self.done += names
        for name in names * (2 if twice else 1):
            source, its_id = name.split(" ")
            news = event(f"redrive-{self.redriven}:{its_id}").model_copy(update={"source": source})
            self.comes(news)

    @precondition(lambda self: not self.running)
    @rule()
    def history_is_continued_as_new(self):
        due = self.inbox.due_at()
        self.inbox = carried_over(self.inbox, self.now)
        assert self.inbox.due_at() == due

    @invariant()
    def each_event_is_in_one_place_and_in_order(self):
        in_hand = [named(each) for each in (*self.running, *self.inbox.waiting)]
        gone = [*self.done, *(name for letter in self.dead for name in letter)]
        assert sorted([*gone, *in_hand]) == sorted(self.accepted)
        assert in_hand == [name for name in self.accepted if name in set(in_hand)]

    @invariant()
    def what_waits_is_due_in_time(self):
        assert (self.inbox.due_at() is not None) == bool(self.inbox.waiting)
        if self.inbox.waiting:
            assert self.inbox.due_at() <= min(self.due[named(each)] for each in self.inbox.waiting)


OneEntity.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
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
        assert not inbox.closed()
        inbox.put(event(f"e{number}"), NOON + number * SECOND)
    assert inbox.due_at() == NOON


def test_urgent_news_is_due_at_once():
    """And what waits already goes with it."""
    inbox = Inbox(QUIET)
    inbox.put(event("e1"), NOON)
    inbox.put(event("e2"), NOON + SECOND, urgent=True)
    assert inbox.due_at() <= NOON + SECOND
    assert [each.id for each in inbox.take()] == ["e1", "e2"]
    inbox.put(event("e3"), NOON + 2 * SECOND)
    assert inbox.due_at() == NOON + 7 * SECOND


def test_an_empty_inbox_is_never_due():
    """Nothing waits, before the first event and after the last was taken."""
    inbox = Inbox(QUIET)
    assert inbox.due_at() is None
    inbox.put(event("e1"), NOON)
    inbox.take()
    assert inbox.due_at() is None


def test_a_redelivery_changes_nothing():
    """A known event doesn't even move the window's end, be it urgent."""
    inbox = Inbox(QUIET)
    inbox.put(event("e1"), NOON)
    before = inbox.due_at()
    assert not inbox.put(event("e1"), NOON + 3 * SECOND, urgent=True)
    assert inbox.due_at() == before


def test_what_is_too_much_for_one_run_is_left_for_the_next():
    """In order, at most `most` a run, and the rest due at once: it has waited through a window already."""
    inbox = Inbox(QUIET)
    for number in range(2 * QUIET.most + 1):
        inbox.put(event(f"e{number}"), NOON + number * SECOND)
    runs = []
    while inbox.waiting:
        assert inbox.due_at() == NOON
        runs.append([each.id for each in inbox.take()])
    assert runs == [["e0", "e1", "e2", "e3"], ["e4", "e5", "e6", "e7"], ["e8"]]


def test_a_run_gets_no_more_bytes_than_temporal_takes():
    """A few large events are too much for one run as well; one alone goes whatever its size."""
    inbox = Inbox(Debounce(most=100))
    sizes = [RUN_BYTES * 2 // 5, RUN_BYTES * 2 // 5, RUN_BYTES * 2 // 5, RUN_BYTES * 2, 10]
    for number, size in enumerate(sizes):
        inbox.put(event(f"e{number}", note=(None, "x" * size)), NOON)
    assert inbox.is_too_much()
    runs = []
    while inbox.waiting:
        runs.append([each.id for each in inbox.take()])
    assert runs == [["e0", "e1"], ["e2"], ["e3"], ["e4"]]


def test_more_than_a_new_history_can_be_given_is_known():
    """Two megabytes of events would stop an entity for ever: a run has to make it less first."""
    inbox = Inbox(QUIET)
    inbox.put(event("e1", note=(None, "x" * (CARRIED_BYTES - 1000))), NOON)
    assert inbox.is_portable()
    inbox.put(event("e2", note=(None, "x" * 1000)), NOON)
    assert not inbox.is_portable()


def test_the_longest_wait_holds_over_a_new_history():
    """However often a history is continued as new in the middle of a window, it closes when it would have."""
    inbox, now = Inbox(Debounce(quiet=timedelta(seconds=30), longest=timedelta(seconds=60))), NOON
    inbox.put(event("e0"), now)
    for number in range(1, 4):
        now += 18 * SECOND
        inbox = carried_over(inbox, now)
        inbox.put(event(f"e{number}"), now)
    assert inbox.due_at() == NOON + 60 * SECOND


def test_an_older_versions_state_is_read():
    """Its events are due again, and its ids are remembered though they say neither source nor day."""
    old = DEAL.model_copy(update={"pending": (event("e2"),), "seen": ("e1", "e2")})
    inbox = Inbox.carried(old, QUIET, NOON)
    assert inbox.due_at() == NOON + QUIET.quiet
    inbox = carried_over(inbox)
    assert not inbox.put(event("e1"), NOON)
    assert not inbox.put(event("e2"), NOON)
    assert inbox.put(event("e3"), NOON)
