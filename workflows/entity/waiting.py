"""What an entity waits for beside the next event: a date, something that comes before it, a chain of dates. Pure.

A wait ends in one of five ways: the date comes; something comes that it waited for; the agent declares that an event
ends every wait; a run plans anew or calls it off; a person does.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts import dates
from contracts.agents import AgentSpec
from contracts.events import EntityRef, Event
from contracts.search_attributes import LONGEST_KEYWORD
from contracts.workflows import FollowUp, Replan, RunOutcome
from workflows import news
from workflows.entity.follow_ups import meanings

NEXT_EVENT = "the next event"


@dataclass
class Wait:
    """The follow-up of one entity, or none."""

    spec: AgentSpec
    entity: EntityRef
    follow_up: FollowUp | None = None
    by_a_person: bool = False
    """A person planned while a run was at work: what that run planned doesn't count."""

    def due_at(self) -> datetime | None:
        return self.follow_up.at if self.follow_up else None

    def take_due(self, now: datetime) -> Event | None:
        """The event of a date that has come. The chain goes on to its next date; dates long over are one look."""
        plan = self.follow_up
        if plan is None or plan.at > now:
            return None
        while plan.then and plan.then[0] <= now:
            plan = _next(plan)
        self.follow_up = _next(plan) if plan.then else None
        return news.follow_up_due(self.spec.name, self.entity, plan, due(self.spec, plan), now)

    def is_ended_by(self, event: Event) -> bool:
        """News too far from a person gets no run, so it ends no wait either."""
        return bool(self.follow_up and event.hop <= self.spec.most_hops and ended_by(self.spec, self.follow_up, event))

    def end(self, cause: Event, now: datetime) -> Event:
        """The wait is over, chain and all. What the next run is told of it, beside the event itself."""
        plan, self.follow_up = self.follow_up, None
        assert plan is not None
        return news.follow_up_off(
            self.spec.name, plan, cause, off(self.spec, plan, ended_by(self.spec, plan, cause)), now
        )

    def run_begins(self) -> None:
        self.by_a_person = False

    def adopt(self, outcome: RunOutcome) -> bool:
        """What a run has planned. False where it planned nothing, or a person did meanwhile."""
        if self.by_a_person or not (outcome.follow_up or outcome.called_off):
            return False
        self.follow_up = outcome.follow_up
        return True

    def replan(self, word: Replan, now: datetime) -> None:
        """A person's date in the place of what is planned, or none."""
        self.by_a_person = True
        if word.at is None:
            self.follow_up = None
            return
        reason = word.reason or (self.follow_up.reason if self.follow_up else f"{word.by} wants a look")
        until = self.follow_up.until if self.follow_up else ()
        self.follow_up = FollowUp(at=word.at, reason=reason, until=until, since=now)

    def shown(self) -> str:
        """For the Temporal UI: what it waits for and until when. Without the reason, which is about a client:
        search attributes can't be encrypted, as payloads can.
        """
        plan = self.follow_up
        if plan is None:
            return NEXT_EVENT
        there = dates.local(plan.at, self.spec.time_zone)
        said = f"follow-up {there:%Y-%m-%d %H:%M} {self.spec.time_zone} ({dates.WEEKDAYS[there.weekday()].title()})"
        which = f", {plan.number} of {plan.of}" if plan.of > 1 else ""
        return " or ".join((said + which, *plan.until))[:LONGEST_KEYWORD]


def _next(plan: FollowUp) -> FollowUp:
    return plan.model_copy(update={"at": plan.then[0], "then": plan.then[1:], "number": plan.number + 1})


def ended_by(spec: AgentSpec, plan: FollowUp, event: Event) -> str:
    """Why an event ends a wait, in words; empty where it doesn't."""
    awaited = next((each.means for each in spec.awaits if each.name in plan.until and each.takes(event)), "")
    if awaited:
        return f"{awaited}, which was waited for"
    return (event.summary[:150] or event.kind) if any(each.takes(event) for each in spec.ends_waits) else ""


def off(spec: AgentSpec, plan: FollowUp, why: str) -> str:
    """A wait that something ended, as a model is told."""
    chain = f", {plan.number} of {plan.of}" if plan.of > 1 else ""
    return f"The follow-up of {_date(spec, plan, plan.at)}{chain} is off: {why}. It was planned because: {plan.reason}"


def due(spec: AgentSpec, plan: FollowUp) -> str:
    """A date that has come, as a model is told: which of its chain, since when nothing came, what still stands."""
    said = [f"A planned follow-up is due{f', {plan.number} of {plan.of}' if plan.of > 1 else ''}: {plan.reason}"]
    if plan.until and plan.since:
        said.append(f"Not come since {_date(spec, plan, plan.since)}: {meanings(plan, spec)}")
    if plan.then:
        said.append(f"The next is on {_date(spec, plan, plan.then[0])}")
    return ". ".join(said)


def stands(spec: AgentSpec, plan: FollowUp | None) -> str:
    """What is planned, as a model is told; empty where nothing is."""
    if plan is None:
        return ""
    chain = f" ({plan.number} of {plan.of})" if plan.of > 1 else ""
    until = f", or as soon as this comes: {meanings(plan, spec)}" if plan.until else ""
    return f"{_date(spec, plan, plan.at)}{chain}{until}: {plan.reason}"


def _date(spec: AgentSpec, plan: FollowUp, moment: datetime) -> str:
    return dates.in_words(moment, plan.time_zone or spec.time_zone)
