"""What becomes of a dead letter: its events are handed to their entity again, or left at that."""

import re
from collections.abc import Iterator

from contracts.agents import AgentSpec, Subscription
from contracts.events import Event
from ops.errors import FarmError
from ops.intake import Doors, answer
from store.dead_letters import DeadLetter, DeadLetters, Settled
from workflows.registry import agent

EVERYTHING = Subscription(source="*", kinds=("*",), entity="*")
"""The agent has had these events already, whatever it listens to by now."""

BEFORE = re.compile(r"^redrive-\d+:")


def redriven(letter: DeadLetter) -> Iterator[Event]:
    """The events under ids of their own: the old ones were seen. Pure.

    The ids follow from the run, so that an event handed over twice is a re-delivery. Each begins a trace of its own:
    the old one tells of the run that failed. And of its hops one is left: a run
    wrote it, and a person has looked since.
    """
    number = letter.run.rpartition("-")[2]
    for each in letter.events:
        event = Event.model_validate(each)
        name = f"redrive-{number}:{BEFORE.sub('', event.id)}"
        yield event.model_copy(update={"id": name, "traceparent": "", "hop": min(event.hop, 1)})


async def hand_over(letters: DeadLetters, letter: DeadLetter, by: str, doors: Doors) -> None:
    """In order, through the door, which leaves out our own writes and sees who has an event already.

    That comes before it is entered: after a crash between the two it is done again, and the door knows the ids.
    """
    door = doors([_spec(letter).model_copy(update={"listens": (EVERYTHING,)})])
    told = [await answer(door.event(event)) for event in redriven(letter)]
    if told and all(each["outcome"] == "ignored" for each in told):
        raise FarmError(f"{letter.run} still waits: it is nothing that an agent gets: {told[0]['reason']}", "Drop it.")
    if not await letters.settle(letter.run, "redriven", by):
        await ended(letters, letter.run, "redriven", but="Its events were handed over all the same.")


async def ended(letters: DeadLetters, run: str, how: Settled, but: str = "") -> DeadLetter:
    """The letter as it is now. FarmError where it was settled in the other way."""
    now = await letters.get(run)
    if now is None:
        raise FarmError(f"{run!r} is a dead letter no more", "A sweep removed its run.")
    if now.state != how:
        raise FarmError(f"{run} {settled(now)}", but or "It can't be settled in another way any more.")
    return now


def settled(letter: DeadLetter) -> str:
    """`waits since 2026-11-23 08:17 UTC: 2 events`, `was redriven by claire, 2026-11-23 09:02 UTC: 1 event`."""
    count = f"{len(letter.events)} event{'s' if len(letter.events) != 1 else ''}"
    if letter.settled_at is None:
        return f"waits since {letter.at:%Y-%m-%d %H:%M} UTC: {count}"
    return f"was {letter.state} by {letter.by}, {letter.settled_at:%Y-%m-%d %H:%M} UTC: {count}"


def _spec(letter: DeadLetter) -> AgentSpec:
    try:
        return agent(letter.agent)
    except LookupError as unknown:
        raise FarmError(f"{letter.run} still waits: {unknown}") from unknown
