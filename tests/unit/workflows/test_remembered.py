"""What an entity remembers of its events: long enough for any re-delivery, and never much."""

import json
from datetime import timedelta

from tests.unit.workflows.samples import NOON, event
from workflows.entity.remembered import ALWAYS, AT_LEAST, MOST, Remembered

DAY = timedelta(days=1)


def carried_over(remembered: Remembered) -> Remembered:
    return Remembered(json.loads(json.dumps(remembered.by_day())))


def test_a_redelivery_after_six_days_and_a_thousand_events_is_known():
    """Across new histories, too."""
    remembered = Remembered()
    remembered.add(event("e0"), NOON)
    for number in range(1, 1001):
        remembered.add(event(f"e{number}"), NOON + number * 6 * DAY / 1000)
        if number % 100 == 0:
            remembered = carried_over(remembered)
    assert remembered.knows(event("e0"))
    assert not remembered.knows(event("e1001"))


def test_an_id_is_its_sources_own():
    """Two sources may use the same id."""
    remembered = Remembered()
    remembered.add(event("7"), NOON)
    assert remembered.knows(event("7"))
    assert not remembered.knows(event("7").model_copy(update={"source": "slack"}))


def test_what_is_old_is_forgotten():
    """Not before eight days are over, and the day after."""
    remembered = Remembered()
    remembered.add(event("old"), NOON)
    for number in range(ALWAYS):
        remembered.add(event(f"e{number}"), NOON + AT_LEAST)
    assert remembered.knows(event("old"))
    remembered.add(event("new"), NOON + AT_LEAST + DAY)
    assert not remembered.knows(event("old"))


def test_a_quiet_entity_forgets_nothing():
    """A few marks cost nothing, so they stay however old they are."""
    remembered = Remembered()
    for number in range(ALWAYS):
        remembered.add(event(f"e{number}"), NOON + number * DAY)
    assert carried_over(remembered).knows(event("e0"))


def test_the_oldest_go_first_past_the_most():
    """The state stays small in the busiest week."""
    remembered = Remembered()
    for number in range(MOST + 10):
        remembered.add(event(f"e{number}"), NOON + number * DAY / 1000)
    assert len(remembered) == MOST
    assert not remembered.knows(event("e9"))
    assert remembered.knows(event("e10"))
    assert len(json.dumps(remembered.by_day())) < 61_000
