from contracts.steering import Intervention
from store.database import Database
from store.interventions import Interventions
from tests.unit.store.samples import RUN, minutes


def intervention(number: int, kind: str = "steer", text: str = "No discount") -> Intervention:
    return Intervention(run=RUN, number=number, kind=kind, by="claire", text=text, at=minutes(number))


async def test_a_person_s_hand_is_on_record_once(db: Database) -> None:
    """In order; a write that is delivered again changes nothing."""
    for each in (intervention(2, "pause", ""), intervention(1), intervention(1, text="twice")):
        await Interventions(db).record(each)
    assert await Interventions(db).of_run(RUN) == [intervention(1), intervention(2, "pause", "")]
