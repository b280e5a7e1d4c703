"""A run's story as a picture and in lines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.approvals import ApprovalRecord, Decision, Verdict
from contracts.calls import ModelReply, RunRecord, Usage
from starter.page.picture import GAP, SCALED, anchors, picture
from starter.page.telling import costs, lines, utterances
from starter.page.wording import span
from store.errors import TranscriptBroken
from store.refused_decisions import RefusedDecision
from store.story import AskedMoment, DecidedMoment, EventMoment, ModelMoment, Moment, RefusedMoment, Story, ToolMoment
from tests.unit.starter.conftest import House
from tests.unit.starter.page.asked import question, reading

T = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)
RUN = "toy:deal:42/run-1"


def at(seconds: float) -> datetime:
    return T + timedelta(seconds=seconds)


def thought(
    seconds: float, step: str, *, role: str = "orchestrator", cost: float = 0.01, head: str = "h"
) -> ModelMoment:
    return ModelMoment(
        at=at(seconds),
        step=step,
        role=role,
        asked=role,
        model="m",
        usage=Usage(input_tokens=10, output_tokens=5),
        cost_usd=cost,
        latency_s=2,
        fallback=False,
        reply=ModelReply(head=head, text="fine"),
    )


def done(seconds: float, step: str, latency_s: float = 1, **how: Any) -> ToolMoment:
    given = {"server": "crm", "tool": "get_deal", "arguments": {}, "effect_key": "", "is_error": False, "result": "ok"}
    return ToolMoment.model_validate({"at": at(seconds), "step": step, "latency_s": latency_s} | given | how)


def asked(begin: float, end: float | None) -> list[AskedMoment | DecidedMoment]:
    decision = Decision(approval="a1", verdict=Verdict.APPROVE, by="claire", channel="page")
    settled = {"status": "approved", "decision": decision, "decided_at": at(end)} if end is not None else {}
    record = ApprovalRecord.model_validate({"request": question(asked_at=at(begin))} | settled)
    ask = AskedMoment(at=at(begin), approval=record)
    return [ask] if end is None else [ask, DecidedMoment(at=at(end), approval=record)]


def story(*moments: Moment, status: str = "done", last: float = 0) -> Story:
    run = RunRecord(run=RUN, agent="toy", entity="deal:42", status=status, phase=status, at=at(last))
    return Story(run=run, moments=moments, cost_usd=0.02, usage=Usage())


THREE_DAYS = 3 * 86_400
WAITED = story(
    EventMoment(at=T, event={"kind": "deal.updated"}),
    thought(0, "orchestrate-1"),
    *asked(2, THREE_DAYS),
    done(THREE_DAYS, "orchestrate-1.1"),
    last=THREE_DAYS + 1,
)


def test_a_wait_of_days_leaves_room_for_steps_of_seconds() -> None:
    """It is drawn short, with its length on it; the steps are to scale among themselves."""
    drawn = picture(WAITED, T)
    bars = {bar.anchor: bar for bar in drawn.bars}
    assert [gap.label for gap in drawn.gaps] == ["2 d 23 h"]
    assert bars["asked-a1"].look == "waiting"
    assert bars["asked-a1"].width == pytest.approx(GAP)
    assert bars["orchestrate-1"].width == pytest.approx(SCALED * 2 / 3)
    assert bars["orchestrate-1.1"].width == pytest.approx(SCALED / 3)
    assert "waiting for people" in drawn.summary


def test_a_short_pause_is_to_scale() -> None:
    """Only what would push the steps together is drawn short."""
    assert picture(story(done(0, "a.1"), done(3, "a.2"), last=4), T).gaps == ()


def test_a_question_that_is_open_lasts_until_now() -> None:
    """Its run waits."""
    waits = story(thought(0, "orchestrate-1"), *asked(2, None), status="waiting", last=2)
    (gap,) = picture(waits, at(2 + 7200)).gaps
    assert gap.label == "2 h"


def test_what_is_done_at_once_stands_in_rows() -> None:
    """So that each is seen."""
    drawn = picture(story(done(0, "a.1", 5), done(1, "a.2", 5), done(7, "a.3", 1), last=8), T)
    first, second, third = (bar.y for bar in drawn.bars)
    assert first == third != second


@pytest.mark.parametrize("moments", [(), (done(0, "a", 0),), (EventMoment(at=T, event={}),)])
def test_hardly_anything_is_drawn_too(moments: tuple[Moment, ...]) -> None:
    """A run that has only just begun, or never came to anything."""
    assert len(picture(story(*moments), T).bars) == len(moments)


def test_each_moment_has_a_name_of_its_own() -> None:
    """A step's first has the step's, so that what was read can be linked to."""
    told = story(thought(0, "triage"), done(1, "boot"), done(2, "boot"), *asked(3, 4))
    assert anchors(told) == ["triage", "boot", "moment-2", "asked-a1", "moment-4"]


def test_the_lines_say_what_happened() -> None:
    """In order, with who decided."""
    assert [(line.kind, line.title) for line in lines(WAITED)] == [
        ("event", "deal.updated"),
        ("model", "orchestrate-1"),
        ("asks", "send mail: to j@b.example"),
        ("decided", "Approved by claire, page"),
        ("tool", "orchestrate-1.1"),
    ]


def test_a_decision_that_did_not_count_is_told() -> None:
    """Who tried, and why it didn't."""
    refused = RefusedDecision(
        run=RUN, approval="a1", by="ines", channel="page", verdict="approve", reason="not among them", at=at(1)
    )
    told = story(thought(0, "orchestrate-1"), RefusedMoment(at=at(1), refused=refused), last=3)
    line = lines(told)[1]
    assert (line.kind, line.title, line.text) == ("refused", "approve by ines, page", "not among them")
    assert [bar.look for bar in picture(told, T).bars] == ["model", "failed"]


def test_costs_are_by_role() -> None:
    """The dearest first."""
    told = story(thought(0, "triage", role="triage", cost=0.001), thought(1, "o1"), thought(2, "o2"))
    assert [(each.role, each.calls, each.tokens_in, each.usd) for each in costs(told)] == [
        ("orchestrator", 2, 20, 0.02),
        ("triage", 1, 10, 0.001),
    ]


def test_a_conversation_is_told_thing_by_thing() -> None:
    """Whatever a message is made of."""
    messages = [
        {"role": "user", "content": "hello"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "I look"},
                {"type": "tool_use", "name": "crm__get_deal", "input": {"deal_id": 42}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "won"}]}]},
        {"role": "user", "content": [{"type": "image", "source": "?"}, "odd"]},
    ]
    assert [(each.who, each.what, each.text) for each in utterances(messages)][:5] == [
        ("user", "", "hello"),
        ("assistant", "thinks", "hm"),
        ("assistant", "", "I look"),
        ("assistant", "calls crm__get_deal", '{\n  "deal_id": 42\n}'),
        ("tool", "answers", "won"),
    ]
    assert len(utterances(messages)) == 7


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (3600, "1 h"), (3661, "1 h 1 min"), (273_600, "3 d 4 h"), (-1, "0 s")],
)
def test_a_span_is_said_in_two_words(seconds: float, words: str) -> None:
    """Nobody needs the seconds of a day."""
    assert span(seconds) == words


async def test_a_runs_page_has_all_of_it(house: House) -> None:
    """The picture, each step with its anchor, the costs and the conversation; strangers' words as text."""
    house.records.stories[RUN] = WAITED
    house.records.messages["h"] = [{"role": "user", "content": "<script>alert(1)</script>"}]
    async with reading(house) as claire:
        text = (await claire.http.get(f"/runs/{RUN}")).text
        led = await claire.http.get("/runs/deal:42")
    for told in (
        "<svg",
        "2 d 23 h",
        'id="orchestrate-1.1"',
        "&lt;script&gt;alert",
        "orchestrator",
        'href="/approvals/a1"',
    ):
        assert told in text, told
    assert "<script>alert" not in text
    assert led.headers["location"] == f"/runs/{RUN}"


async def test_each_roles_conversation_is_shown(house: House) -> None:
    """Its newest head has all of it; in the order in which they began."""
    house.records.stories[RUN] = story(
        thought(0, "triage-1", role="triage", head="t"),
        thought(1, "orchestrate-1", head="o1"),
        thought(2, "orchestrate-2", head="o2"),
    )
    for head, words in (("t", "worth a look"), ("o1", "half of it"), ("o2", "all of it")):
        house.records.messages[head] = [{"role": "assistant", "content": words}]
    async with reading(house) as claire:
        text = (await claire.http.get(f"/runs/{RUN}")).text
    assert text.index("worth a look") < text.index("all of it")
    assert "half of it" not in text


async def test_a_conversation_that_was_changed_is_not_shown(house: House) -> None:
    """The rest of the run is."""
    house.records.stories[RUN] = WAITED
    house.records.broken = TranscriptBroken("changed")
    async with reading(house) as claire:
        answer = await claire.http.get(f"/runs/{RUN}")
    assert answer.status_code == 200
    assert "as it was written" in answer.text
