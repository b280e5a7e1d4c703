"""What a model may wish for to look again, and what that comes to."""

from datetime import UTC, datetime

import pytest

from contracts import names
from contracts.calls import ToolUse
from tests.unit.workflows.samples import NOON
from workflows.entity import follow_ups
from workflows.run import farm_tools
from workflows.sales.agent import SALES

SILENT = SALES.model_copy(update={"awaits": ()})


def wish(**arguments) -> ToolUse:
    return ToolUse(id="toolu_1", name=names.SET_FOLLOW_UP, arguments={"reason": "no answer yet", **arguments})


def set_(now=NOON, spec=SALES, **arguments):
    return farm_tools.follow_up(wish(**arguments), now, spec)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wished", "moment", "told"),
    [
        ({"date": "2026-12-01"}, "2026-12-01T08:00", "Tuesday 2026-12-01 09:00 Europe/Paris"),
        ({"weekday": "tuesday"}, "2026-11-24T08:00", "Tuesday 2026-11-24 09:00 Europe/Paris"),
        ({"weekday": "monday"}, "2026-11-30T08:00", "Monday 2026-11-30 09:00 Europe/Paris"),
        ({"in_days": 3}, "2026-11-26T08:00", "Thursday 2026-11-26 09:00 Europe/Paris"),
        ({"date": "2026-11-23", "time": "17:30"}, "2026-11-23T16:30", "Monday 2026-11-23 17:30 Europe/Paris"),
        (
            {"weekday": "tuesday", "time": "09:00", "time_zone": "America/New_York"},
            "2026-11-24T14:00",
            "Tuesday 2026-11-24 09:00 America/New_York",
        ),
    ],
)
def test_a_wish_is_a_moment(wished, moment, told):
    """Nine o'clock unless it says another time, in our zone unless it says another; the model hears the weekday."""
    plan, result = set_(**wished)
    assert plan is not None
    assert plan.at == utc(moment)
    assert (plan.reason, plan.since) == ("no answer yet", NOON)
    assert (result.is_error, result.text) == (False, f"Follow-up set for {told}.")


def test_today_is_the_day_where_the_client_is():
    """At noon in Paris it is the next day in Auckland already, where tomorrow is a day later."""
    plan, _ = set_(in_days=1, time_zone="Pacific/Auckland")
    assert plan.at == utc("2026-11-24T20:00")


@pytest.mark.parametrize(
    ("now", "wished", "moment", "told"),
    [
        ("2026-03-24T12:00", {"weekday": "tuesday"}, "2026-03-31T07:00", "Tuesday 2026-03-31 09:00"),
        ("2026-10-20T12:00", {"weekday": "tuesday"}, "2026-10-27T08:00", "Tuesday 2026-10-27 09:00"),
        ("2026-03-28T12:00", {"in_days": 1, "time": "02:30"}, "2026-03-29T01:30", "there is no 02:30"),
        ("2026-10-24T12:00", {"in_days": 1, "time": "02:30"}, "2026-10-25T00:30", "Sunday 2026-10-25 02:30"),
    ],
)
def test_the_clocks_may_change_before(now, wished, moment, told):
    """Nine is nine by the clock of the day; of a time that isn't there that day the model hears what it came to."""
    plan, result = set_(utc(now), **wished)
    assert plan.at == utc(moment)
    assert told in result.text


def test_a_chain_has_the_same_time_on_each_of_its_days():
    """Reminders after three days, a week, two weeks: nine o'clock each time, whatever the clocks do in between."""
    plan, result = set_(utc("2026-10-14T12:00"), in_days=3, again_after_days=[7, 14])
    assert (plan.at, *plan.then) == (utc("2026-10-17T07:00"), utc("2026-10-24T07:00"), utc("2026-11-07T08:00"))
    assert (plan.number, plan.of) == (1, 3)
    assert (
        "Then again on Saturday 2026-10-24 09:00 Europe/Paris, Saturday 2026-11-07 09:00 Europe/Paris." in result.text
    )


@pytest.mark.parametrize(
    ("wished", "until"),
    [
        ({}, ()),
        ({"until": ["stage"]}, ("stage",)),
        ({"until": ["stage", "reply"]}, ("reply", "stage")),
        ({"again_after_days": [7]}, ("reply",)),
        ({"again_after_days": [7], "until": ["stage"]}, ("reply", "stage")),
    ],
)
def test_what_ends_the_wait_is_what_the_model_says(wished, until):
    """And of a chain always the answer."""
    plan, result = set_(in_days=3, **wished)
    assert plan.until == until
    assert ("off as soon as" in result.text) == bool(until)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"date": "2026-11-23"}, "Monday 2026-11-23 09:00 Europe/Paris is over"),
        ({"date": "2001-01-05"}, "Friday 2001-01-05 09:00 Europe/Paris is over"),
        ({"date": "0001-01-01", "time": "00:00"}, "beyond the calendar"),
        ({"date": "9999-12-31", "time": "23:59", "time_zone": "America/New_York"}, "beyond the calendar"),
        ({"date": "9999-12-31", "again_after_days": [7]}, "beyond the calendar"),
        ({"date": "next Tuesday"}, "date"),
        ({}, "say the day in one way"),
        ({"date": "2026-12-01", "in_days": 3}, "say the day in one way"),
        ({"weekday": "someday"}, "weekday"),
        ({"in_days": 0}, "in_days"),
        ({"in_days": 3, "time": "25:00"}, "time"),
        ({"in_days": 3, "time_zone": "Paris"}, "no time zone 'Paris'"),
        ({"in_days": 3, "until": ["rain"]}, "nothing is called rain; there are: reply, stage"),
        ({"in_days": 3, "again_after_days": [0]}, "again_after_days"),
        ({"in_days": 3, "again_after_days": [1] * 10}, "again_after_days"),
        ({"in_days": 3, "hour": 7}, "hour"),
        ({"in_days": 3, "reason": "x" * 301}, "reason"),
        ({"in_days": 3, "reason": None}, "reason"),
    ],
)
def test_a_wish_that_cannot_be_is_told(arguments, told):
    """The model hears what is wrong, and nothing is planned."""
    plan, result = set_(**arguments)
    assert plan is None
    assert result.is_error
    assert told in result.text


def test_the_model_is_told_what_its_agent_can_await():
    """By name, and in words; an agent that awaits nothing offers nothing to await."""
    until = follow_ups.schema(SALES)["properties"]["until"]
    assert until["items"]["enum"] == ["reply", "stage"]
    assert "reply: the client wrote" in until["description"]
    assert "until" not in follow_ups.schema(SILENT)["properties"]
