"""A run as a picture: what it did over time, in lanes. Pure.

A wait of days beside steps of seconds would leave nothing of the steps. So the time in which nothing was done is drawn
short, with its true length written on it; the rest is to scale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from starter.page.wording import outcome, span
from store.story import (
    AskedMoment,
    DecidedMoment,
    EventMoment,
    InterventionMoment,
    ModelMoment,
    Moment,
    RefusedMoment,
    Story,
    SubRunMoment,
    ToolMoment,
)

Lane = Literal["Comes in", "Thinks", "Acts", "People", "Helpers"]
Look = Literal["event", "model", "tool", "failed", "waiting", "person", "helper"]

LANES: tuple[Lane, ...] = ("Comes in", "Thinks", "Acts", "People", "Helpers")

LEFT, RIGHT = 84, 12
SCALED = 640
"""Pixels for all the time in which something was done."""

GAP = 72
"""Pixels for a time in which nothing was."""

SHORTEST_GAP = timedelta(seconds=5)
NARROWEST = 4
ROW = 16
LANE_SPACE = 10
TOP = 22


@dataclass(frozen=True)
class Stretch:
    """Something that took its time. `anchor`: its line in the table below the picture."""

    lane: Lane
    look: Look
    begin: datetime
    end: datetime
    title: str
    anchor: str


@dataclass(frozen=True)
class Bar:
    """A stretch as it is drawn."""

    x: float
    y: float
    width: float
    look: Look
    title: str
    anchor: str


@dataclass(frozen=True)
class Gap:
    """Time that isn't to scale."""

    x: float
    width: float
    label: str


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]
    lanes: tuple[tuple[str, float], ...]
    """Name, and where it is written."""

    summary: str
    """For whoever doesn't see it."""


@dataclass(frozen=True)
class Piece:
    """From one moment to another, and where both are drawn."""

    begin: datetime
    end: datetime
    x: float
    width: float
    is_gap: bool

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()

    def at(self, moment: datetime) -> float:
        return self.x + (self.width * (moment - self.begin).total_seconds() / self.seconds if self.seconds else 0)


def anchors(story: Story) -> list[str]:
    """A name for each moment, in their order; the first of a step has the step's own, so that others can link to it."""
    found: list[str] = []
    for number, moment in enumerate(story.moments):
        step = getattr(moment, "step", "")
        if isinstance(moment, AskedMoment):
            step = f"asked-{moment.approval.request.id}"
        found.append(step if step and step not in found else f"moment-{number}")
    return found


def picture(story: Story, now: datetime) -> Picture:
    """The whole of it; of a run that is under way, until now."""
    over = story.run.status in {"done", "failed", "skipped"}
    stretches = [
        stretch
        for moment, anchor in zip(story.moments, anchors(story), strict=True)
        if (stretch := _stretch(moment, anchor, story.run.at if over else now))
    ]
    pieces = _pieces(stretches)
    bars, lanes, height = _bars(stretches, pieces)
    gaps = tuple(Gap(each.x, each.width, span(each.seconds)) for each in pieces if each.is_gap)
    end = pieces[-1].x + pieces[-1].width if pieces else LEFT
    return Picture(end + RIGHT, height, bars, gaps, lanes, _summary(stretches))


def _stretch(moment: Moment, anchor: str, last: datetime) -> Stretch | None:  # noqa: PLR0911  one for each kind
    match moment:
        case EventMoment():
            kind = str(moment.event.get("kind", "event"))
            return Stretch("Comes in", "event", moment.at, moment.at, kind, anchor)
        case ModelMoment():
            end = moment.at + timedelta(seconds=moment.latency_s)
            title = f"{moment.step}: {moment.model}, {moment.latency_s:.1f} s, ${moment.cost_usd:.4f}"
            return Stretch("Thinks", "model", moment.at, end, title, anchor)
        case ToolMoment():
            end = moment.at + timedelta(seconds=moment.latency_s)
            failed = " failed" if moment.is_error else ""
            title = f"{moment.step}: {moment.server} {moment.tool}{failed}, {moment.latency_s:.1f} s"
            return Stretch("Acts", "failed" if moment.is_error else "tool", moment.at, end, title, anchor)
        case AskedMoment():
            return _waiting(moment, anchor, last)
        case DecidedMoment():
            return None
        case RefusedMoment():
            title = f"Didn't count: {moment.refused.verdict} by {moment.refused.by}"
            return Stretch("People", "failed", moment.at, moment.at, title, anchor)
        case InterventionMoment():
            title = f"{moment.intervention.kind} by {moment.intervention.by}: {moment.intervention.text}"
            return Stretch("People", "person", moment.at, moment.at, title, anchor)
        case SubRunMoment():
            is_over = moment.run.status in {"done", "failed", "skipped"}
            title = f"{moment.run.agent}: {moment.run.status}"
            return Stretch("Helpers", "helper", moment.at, moment.run.at if is_over else last, title, anchor)


def _waiting(moment: AskedMoment, anchor: str, last: datetime) -> Stretch:
    record = moment.approval
    end = max(record.decided_at or last, moment.at)
    ended = outcome(record) or "still open"
    by = f" by {record.decision.by}" if record.decision else ""
    title = f"Waits for people: {record.request.what} ({ended}{by}, {span((end - moment.at).total_seconds())})"
    return Stretch("People", "waiting", moment.at, end, title, anchor)


def _pieces(stretches: Sequence[Stretch]) -> list[Piece]:
    """The time from the first to the last, cut where something begins to be done or ends."""
    if not stretches:
        return []
    busy = _merged((each.begin, each.end) for each in stretches if each.lane in {"Thinks", "Acts"})
    moments = {moment for each in stretches for moment in (each.begin, each.end)}
    cuts = sorted(moments | {edge for pair in busy for edge in pair})
    parts = [(begin, end, _is_idle(begin, end, busy)) for begin, end in pairwise(cuts)]
    scaled = sum(((end - begin).total_seconds() for begin, end, idle in parts if not idle), 0.0)
    pieces, x = [], float(LEFT)
    for begin, end, idle in parts:
        width = GAP if idle else SCALED * (end - begin).total_seconds() / scaled
        pieces.append(Piece(begin, end, x, width, idle))
        x += width
    return pieces or [Piece(cuts[0], cuts[0], x, SCALED, is_gap=False)]


def _is_idle(begin: datetime, end: datetime, busy: Sequence[tuple[datetime, datetime]]) -> bool:
    return end - begin > SHORTEST_GAP and not any(one < end and begin < other for one, other in busy)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _bars(
    stretches: Sequence[Stretch], pieces: Sequence[Piece]
) -> tuple[tuple[Bar, ...], tuple[tuple[str, float], ...], float]:
    """What is done at once stands in rows below each other."""
    bars, lanes, y = [], [], float(TOP)
    for lane in LANES:
        rows: list[float] = []
        its = sorted((each for each in stretches if each.lane == lane), key=lambda each: each.begin)
        if not its:
            continue
        lanes.append((lane, y + ROW - 4))
        for each in its:
            x = _x(each.begin, pieces)
            width = max(_x(each.end, pieces) - x, NARROWEST)
            row = next((number for number, end in enumerate(rows) if end <= x), len(rows))
            rows[row : row + 1] = [x + width]
            bars.append(Bar(x, y + row * ROW, width, each.look, each.title, each.anchor))
        y += len(rows) * ROW + LANE_SPACE
    return tuple(bars), tuple(lanes), y


def _x(moment: datetime, pieces: Sequence[Piece]) -> float:
    for piece in pieces:
        if moment <= piece.end:
            return piece.at(moment)
    return pieces[-1].x + pieces[-1].width


def _summary(stretches: Sequence[Stretch]) -> str:
    if not stretches:
        return "Nothing is on record yet."
    whole = max(each.end for each in stretches) - min(each.begin for each in stretches)
    waited = _merged((each.begin, each.end) for each in stretches if each.look == "waiting")
    spent = sum(((end - begin).total_seconds() for begin, end in waited), 0.0)
    thought = sum(each.look == "model" for each in stretches)
    done = sum(each.lane == "Acts" for each in stretches)
    asked = f", {span(spent)} of it waiting for people" if waited else ""
    return f"{span(whole.total_seconds())} from first to last{asked}; {thought} model calls, {done} tool calls."
