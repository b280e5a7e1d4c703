"""The long-lived workflow of one entity: takes every event, lets one run at a time go, and keeps the next date.

It is the entity's single writer, so it needs no lock. Its whole state is one object, carried by continue-as-new.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError

from contracts import names
from contracts.agents import AgentSpec
from contracts.calls import Alarm, CallSite, ToolReply
from contracts.events import Event
from contracts.search_attributes import WAITING_FOR
from contracts.workflows import EntityState, EntityStatus, Replan, RunInput, RunOutcome
from workflows import steps
from workflows.entity import child_run, hops
from workflows.entity.going_over import History
from workflows.entity.inbox import Inbox
from workflows.entity.setting_aside import failed
from workflows.entity.stoppable import Stoppable
from workflows.entity.waiting import Wait
from workflows.failures import ended_by_a_person, root_cause

# Attempts of a run before its events are set aside for a person.
TRIES = 3
PAUSE_AFTER_FAILURE = timedelta(minutes=1)

FOR_A_PERSON = "a person: it ran too often"
STOPPED = "The entity's own workflow was cancelled before these events had their run"

# What histories of before do otherwise, until they go on as new.
IN_PORTIONS = "a-run-gets-at-most-a-portion"
URGENT = "urgent-news-cuts-the-wait-short"
INTERRUPTS = "a-run-under-way-hears-what-interrupts"
HOPS = "news-too-far-from-a-person-is-put-aside"
ENDS_WAITS = "news-ends-a-wait"


class EntityWorkflow(Stoppable):
    """Inbox, runs and follow-up of one entity."""

    def __init__(self, spec: AgentSpec, state: EntityState) -> None:
        super().__init__(spec, state)
        self.runs = state.runs
        self.history = History(state.rotate_after)
        self.wait = Wait(spec, state.entity, state.follow_up)
        self.running = ""
        self.taken: tuple[Event, ...] = ()
        """Events of the run that is under way."""

        self.to_pass_on: list[Event] = []
        """What waits in the inbox, and the run that is under way is to hear of."""

        self.told_of_hops = state.told_of_hops
        self.telling: asyncio.Task[ToolReply | None] | None = None
        """People are being told of news that was put aside."""

        self.inbox = Inbox.carried(state, state.debounce or spec.debounce, workflow.now())
        self._carried = state

    @workflow.signal(name=names.EVENT)
    def event(self, event: Event) -> None:
        """Take an event in; a re-delivery is counted once."""
        self.history.signals += 1
        if not self.inbox.put(event, workflow.now(), urgent=self.spec.is_urgent(event) and workflow.patched(URGENT)):
            return
        came = (event, *self._ends_the_wait(event))
        if self.running and self._interrupts(event) and workflow.patched(INTERRUPTS):
            self.to_pass_on += came

    @workflow.signal(name=names.FOLLOW_UP)
    def replan(self, word: Replan) -> None:
        """A person gives it another date, or none."""
        workflow.logger.info("%s waits otherwise, says %s", workflow.info().workflow_id, word.by)
        self.wait.replan(word, workflow.now())

    @workflow.signal(name=names.UPGRADE)
    def upgrade(self) -> None:
        """Take a step: the server tells a workflow of another version only then."""

    @workflow.query(name=names.STATUS)
    def status(self) -> EntityStatus:
        return EntityStatus(
            entity=str(self.entity),
            pending=len(self.inbox.waiting),
            runs=self.runs,
            running=self.running,
            stopped=self.fuse.blown,
            follow_up=self.wait.follow_up,
            waiting_for=self._waiting_for(),
        )

    async def serve(self) -> None:
        """Window, run, window, run: for as long as the entity lives.

        It goes on as new here alone, where no run is open: with a short history, and by the workers' current version.
        A run is pinned to the version that the entity is on, so the entity goes over before it starts the next.
        """
        try:
            while not self._goes_over() and await self._window():
                if self.inbox.has_too_far(self.spec.most_hops) and workflow.patched(HOPS):
                    await self._put_aside(self.inbox.take_too_far(self.spec.most_hops))
                elif await self._may_run():
                    await self._run(self._take())
        except (asyncio.CancelledError, FailureError):
            if workflow.cancellation_reason() is not None:
                await self._set_all_aside()
            raise
        workflow.continue_as_new(
            self._state(), initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
        )

    def _interrupts(self, event: Event) -> bool:
        return event.hop <= self.spec.most_hops and self.spec.is_interrupted_by(event)

    def _ends_the_wait(self, event: Event) -> tuple[Event, ...]:
        """Where an event is what was waited for: the word on that, which waits beside it for the next run."""
        if not self.wait.is_ended_by(event) or not workflow.patched(ENDS_WAITS):
            return ()
        told = self.wait.end(event, workflow.now())
        self.inbox.put(told, workflow.now())
        return (told,)

    async def _put_aside(self, events: tuple[Event, ...]) -> None:
        """News that is too many hops from a person gets no run: a person is told, and may hand it on."""
        self.taken = events
        run = await self._next_name()
        await self._record_failed(run, events, hops.reason(self.spec, events))
        self.taken = ()
        is_telling = self.telling is not None and not self.telling.done()
        if not is_telling and hops.is_to_be_told(self.spec, self.told_of_hops, workflow.now()):
            self.told_of_hops = workflow.now()
            alarm = Alarm(site=CallSite(run=run, step="hops"), text=hops.put_aside(self.spec, run, events))
            self.telling = asyncio.create_task(steps.raise_alarm(alarm))

    async def _may_run(self) -> bool:
        """False where it ran too often and another history is to go on with it. What came meanwhile waits."""
        if self.fuse.run_begins(workflow.now()):
            return True
        self._show_waiting()
        await self.released(self.runs, len(self.inbox.waiting), self._goes_over_in_a_wait)
        self._show_waiting()
        return self.fuse.run_begins(workflow.now())

    def _goes_over(self) -> bool:
        """Before a window: whether the history is long, and what waits can be carried. Else a run makes it less."""
        return self.history.is_long() and self._is_portable()

    async def _window(self) -> bool:
        """True when a run is due: the debounce window closed, or the follow-up's date came.

        False when another history is to go on with this entity first.
        """
        self._show_waiting()
        while not self._goes_over_in_a_wait():
            due, planned = self._due_at(), self.wait.follow_up
            if due is not None and due <= workflow.now():
                return True
            try:
                await workflow.wait_condition(
                    self._news(),
                    timeout=due - workflow.now() if due else None,
                    timeout_summary=self._timer_summary(),
                )
            except TimeoutError:
                continue
            if self.wait.follow_up is not planned:
                self._show_waiting()
        return False

    def _news(self) -> Callable[[], bool]:
        """What ends a wait early: a window's first event, or its last, another follow-up or none, another version, a
        history that grew long. Other events only move the window's end.
        """
        first_at, planned = self.inbox.first_at, self.wait.follow_up
        return lambda: (
            self.inbox.first_at != first_at
            or self.inbox.closed()
            or self.wait.follow_up is not planned
            or self._goes_over_in_a_wait()
        )

    def _goes_over_in_a_wait(self) -> bool:
        return self.history.is_over_in_a_wait() and self._is_portable()

    def _is_portable(self) -> bool:
        """Whether another history can go on from here. An alarm that isn't out yet would be lost."""
        return self.inbox.is_portable() and (self.telling is None or self.telling.done())

    def _due_at(self) -> datetime | None:
        dates = [self.inbox.due_at(), self.wait.due_at()]
        return min((date for date in dates if date), default=None)

    def _take(self) -> tuple[Event, ...]:
        events, due = self._portion(), self.wait.take_due(workflow.now())
        return (*events, due) if due else events

    def _portion(self) -> tuple[Event, ...]:
        in_one = self.inbox.is_too_much() and not workflow.patched(IN_PORTIONS)
        return self.inbox.take_all() if in_one else self.inbox.take()

    async def _run(self, events: tuple[Event, ...]) -> None:
        """One run, tried again under its own name where it fails: it finds what it has thought and done on record."""
        self.taken = events
        self.running = await self._next_name()
        self.history.runs += 1
        self.wait.run_begins()
        for attempt in range(1, TRIES + 1):
            if await self._attempt(attempt, events):
                break
        self.running, self.taken, self.to_pass_on = "", (), []

    async def _next_name(self) -> str:
        self.runs = await steps.next_run(workflow.info().workflow_id)
        return names.run_workflow_id(workflow.info().workflow_id, self.runs)

    async def _attempt(self, attempt: int, events: tuple[Event, ...]) -> bool:
        """True where the run is not to be tried again: it is done, or its events are set aside in its record."""
        try:
            outcome = await self._execute_run(attempt, events)
        except ChildWorkflowError as failure:
            if workflow.cancellation_reason() is not None:
                raise
            last = attempt == TRIES or ended_by_a_person(failure)
            await self._record_failed(self.running, events, str(root_cause(failure)), dead=last)
            if not last:
                await workflow.sleep(PAUSE_AFTER_FAILURE * attempt, summary=f"after failed attempt {attempt}")
            return last
        if outcome.heard:
            self.inbox.leave(outcome.heard, pressing=any(map(self.spec.is_urgent, self.inbox.waiting)))
        if self.wait.adopt(outcome):
            for event in tuple(self.inbox.waiting):
                self._ends_the_wait(event)
        return True

    async def _execute_run(self, attempt: int, events: tuple[Event, ...]) -> RunOutcome:
        job = RunInput(
            agent=self.spec.name,
            entity=self.entity,
            number=self.runs,
            attempt=attempt,
            events=events,
            follow_up=self.wait.follow_up,
        )
        return await child_run.execute(self.spec, job, self.running, self.to_pass_on)

    async def _set_all_aside(self) -> None:
        """A person stopped the entity itself. What it had in hand, and what waited, is set aside: nothing else has it.

        What waited stands under the number of the run that it would have been.
        """
        while self.taken or self.inbox.waiting:
            events = self.taken or self.inbox.take()
            run = self.running or await self._next_name()
            await self._record_failed(run, events, STOPPED)
            self.running, self.taken = "", ()

    async def _record_failed(self, run: str, events: tuple[Event, ...], reason: str, *, dead: bool = True) -> None:
        record = failed(self.spec, self.entity, run, events, reason=reason, at=workflow.now(), dead=dead)
        await steps.record_run(record)

    def _timer_summary(self) -> str:
        if self.inbox.waiting:
            return f"{len(self.inbox.waiting)} events wait for quiet"
        return f"follow-up: {self.wait.follow_up.reason}" if self.wait.follow_up else ""

    def _show_waiting(self) -> None:
        workflow.upsert_search_attributes([WAITING_FOR.value_set(self._waiting_for())])

    def _waiting_for(self) -> str:
        return FOR_A_PERSON if self.fuse.blown else self.wait.shown()

    def _state(self) -> EntityState:
        return self._carried.model_copy(
            update={
                **self.inbox.carry(),
                "runs": self.runs,
                "follow_up": self.wait.follow_up,
                "begun": tuple(self.fuse.begun),
                "stopped": self.fuse.blown,
                "told_of_hops": self.told_of_hops,
            }
        )
