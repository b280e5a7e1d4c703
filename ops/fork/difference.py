"""What a fork did otherwise than the run it was made from. Pure: two stories, and how the fork was answered."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import JsonValue, computed_field

from contracts.frozen import Frozen
from ops.fork.activities import Told
from ops.fork.answers import as_then
from ops.fork.cut import Cut
from store.story import ModelMoment, Story, SubRunMoment, ToolMoment

Verdict = Literal["kept", "same", "changed", "only_then", "only_now"]
FOR_PEOPLE = frozenset({"slack"})
"""Servers whose calls only tell people what a run did: they change whenever its words do."""

BESIDE_THE_WORDS = frozenset({"blocks", "thread_ts", "reply_broadcast"})
"""A message's arguments that say the same as its text, or only where it stands: a fork posts no question, so the report
opens a thread there instead of answering in one.
"""


ASKING = (".ask", ".answer")
"""How the steps end that post a question and close it."""


class Changed(Frozen):
    """One value, then and now."""

    then: JsonValue = None
    now: JsonValue = None


class StepDifference(Frozen):
    """One step of the two runs. `how`: what answered it in the fork."""

    kind: Literal["model", "tool"]
    step: str
    what: str
    verdict: Verdict
    how: str = ""
    then: str = ""
    now: str = ""
    changed: dict[str, Changed] = {}
    """Arguments that differ."""


class Difference(Frozen):
    """The whole comparison; `model_dump_json()` is what `--json` prints."""

    fork: str
    origin: str
    turn: int
    step: str
    steps: tuple[StepDifference, ...]
    status: Changed
    reason: Changed
    report: dict[str, Changed]
    """Fields of the final report that differ."""

    cost_then_usd: float
    """Of what was asked from the turn on, then."""

    cost_now_usd: float
    """Of what was asked anew, now."""

    on_record: int
    """Steps answered from the record."""

    live_reads: tuple[str, ...]
    dry_writes: tuple[str, ...]
    decisions: dict[str, str]
    """Step of a question -> how the fork answered it."""

    warnings: tuple[str, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def acts_otherwise(self) -> bool:
        """Another end, or another tool call: what counts before any wording."""
        return self.status.then != self.status.now or any(
            each.kind == "tool" and each.verdict in ("changed", "only_then", "only_now") and not _for_people(each)
            for each in self.steps
        )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reports_otherwise(self) -> bool:
        return bool(self.report)


def difference(then: Story, now: Story, where: Cut, told: Told) -> Difference:
    """Compare a run with a fork of it."""
    how = {step: answered for (below, step), answered in told.how.items() if not below}
    steps = (*_models(then, now, where, how), *_tools(then, now, where, how))
    order = _order([moment.step for moment in _steps(then)], [moment.step for moment in _steps(now)])
    return Difference(
        fork=now.run.run,
        origin=then.run.run,
        turn=where.turn,
        step=where.step,
        steps=tuple(sorted(steps, key=lambda each: order.index(each.step))),
        status=Changed(then=then.run.status, now=now.run.status),
        reason=Changed(then=then.run.reason, now=now.run.reason),
        report=_fields(then.run.report, now.run.report),
        cost_then_usd=_cost(then, where),
        cost_now_usd=now.cost_usd,
        on_record=sum(answered == "record" for answered in told.how.values()),
        live_reads=_named(now, how, "live"),
        dry_writes=_named(now, how, "dry"),
        decisions=told.decisions,
        warnings=tuple(told.warnings),
    )


def _steps(story: Story) -> Iterator[ModelMoment | ToolMoment]:
    """All but the messages that ask people, and say how they answered: a fork's questions are answered at once."""
    return (
        moment
        for moment in story.moments
        if isinstance(moment, ModelMoment) or (isinstance(moment, ToolMoment) and not moment.step.endswith(ASKING))
    )


def _order(then: Sequence[str], now: Sequence[str]) -> list[str]:
    """The steps of both: those of then, and each new one behind the one it followed."""
    merged = list(dict.fromkeys(then))
    place = 0
    for step in now:
        if step in merged:
            place = merged.index(step) + 1
        else:
            merged.insert(place, step)
            place += 1
    return merged


def _models(then: Story, now: Story, where: Cut, how: Mapping[str, str]) -> Iterator[StepDifference]:
    before = {moment.step: moment for moment in _steps(then) if isinstance(moment, ModelMoment)}
    after = {moment.step: moment for moment in _steps(now) if isinstance(moment, ModelMoment)}
    for step in before.keys() | after.keys():
        old, new = before.get(step), after.get(step)
        if step in where.kept:
            verdict: Verdict = "kept"
        elif old is None or new is None:
            verdict = "only_now" if old is None else "only_then"
        else:
            verdict = "same" if _answer(old) == _answer(new) else "changed"
        known = new or old
        assert known is not None
        yield StepDifference(
            kind="model",
            step=step,
            what=known.role,
            verdict=verdict,
            how=how.get(step, ""),
            then=_said(old),
            now=_said(new),
        )


def _answer(moment: ModelMoment) -> Any:
    """What a model answered: its wishes without the vendor's ids, its JSON without its spelling."""
    uses = [(use.name, use.arguments) for use in moment.reply.tool_uses]
    return uses, _value(moment.reply.text) if not uses else None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _said(moment: ModelMoment | None) -> str:
    if moment is None:
        return ""
    if moment.reply.tool_uses:
        return "wants " + ", ".join(use.name for use in moment.reply.tool_uses)
    return moment.reply.text


def _tools(then: Story, now: Story, where: Cut, how: Mapping[str, str]) -> Iterator[StepDifference]:
    """The calls paired: the same call first, wherever it stands, then the same tool at the same step, then anywhere."""
    before = [moment for moment in _steps(then) if isinstance(moment, ToolMoment)]
    after = [moment for moment in _steps(now) if isinstance(moment, ToolMoment)]
    arguments = {id(moment): _told(moment, now, then) for moment in (*before, *after)}
    for closeness in range(3):
        for new in tuple(after):
            old = next((each for each in before if _alike(each, new, closeness, arguments)), None)
            if old is not None:
                before.remove(old)
                after.remove(new)
                found = _tool(old, new, how, _fields(arguments[id(old)], arguments[id(new)]))
                yield found.model_copy(update={"verdict": "kept"}) if where.keeps("", old.step, old.at) else found
    yield from (_tool(None, new, how, {}) for new in after)
    yield from (_tool(old, None, how, {}) for old in before)


def _told(moment: ToolMoment, now: Story, then: Story) -> dict[str, Any]:
    """Arguments to compare: with the run's name of then, and without what says nothing of its own."""
    plain = {name: value for name, value in moment.arguments.items() if name not in BESIDE_THE_WORDS}
    return dict(as_then(plain, now.run.run, then.run.run))


def _alike(old: ToolMoment, new: ToolMoment, closeness: int, arguments: Mapping[int, Any]) -> bool:
    if (old.server, old.tool) != (new.server, new.tool):
        return False
    if closeness == 0:
        return bool(arguments[id(old)] == arguments[id(new)])
    return closeness == 2 or old.step == new.step  # noqa: PLR2004  the last and loosest


def _tool(
    old: ToolMoment | None, new: ToolMoment | None, how: Mapping[str, str], changed: dict[str, Changed]
) -> StepDifference:
    known = new or old
    assert known is not None
    verdict: Verdict = "only_now" if old is None else "only_then" if new is None else "changed" if changed else "same"
    return StepDifference(
        kind="tool",
        step=known.step,
        what=f"{known.server}.{known.tool}",
        verdict=verdict,
        how=how.get(new.step, "") if new else "",
        then=_short(old.arguments) if old else "",
        now=_short(new.arguments) if new else "",
        changed=changed,
    )


def _short(arguments: Mapping[str, Any]) -> str:
    return json.dumps(
        {name: value for name, value in arguments.items() if name not in BESIDE_THE_WORDS}, ensure_ascii=False
    )


def _fields(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Changed]:
    names = sorted(then.keys() | now.keys())
    return {name: Changed(then=then.get(name), now=now.get(name)) for name in names if then.get(name) != now.get(name)}


def _cost(then: Story, where: Cut) -> float:
    own = [each for each in _steps(then) if isinstance(each, ModelMoment) and each.step in where.anew]
    below = [
        each
        for each in then.moments
        if isinstance(each, SubRunMoment) and not where.keeps("", each.run.run.rpartition("/")[2], each.at)
    ]
    return sum(each.cost_usd for each in own) + sum(each.cost_usd for each in below)


def _named(now: Story, how: Mapping[str, str], answered: str) -> tuple[str, ...]:
    return tuple(
        f"{moment.step} {moment.server}.{moment.tool}"
        for moment in _steps(now)
        if isinstance(moment, ToolMoment) and how.get(moment.step) == answered
    )


def _for_people(each: StepDifference) -> bool:
    return each.what.partition(".")[0] in FOR_PEOPLE


def changes(steps: Sequence[StepDifference]) -> list[StepDifference]:
    """Those in which the two runs differ."""
    return [each for each in steps if each.verdict not in ("kept", "same")]
