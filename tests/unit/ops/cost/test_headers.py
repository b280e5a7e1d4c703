from datetime import timedelta

from contracts.agents import Kit
from ops.cost.headers import changes, differing, pairs
from store.database import Database
from store.kits import Kits
from store.spending import Header
from tests.unit.store.samples import NOON

KIT = Kit(prompts={"orchestrate": "p"}, toolset="t", schemas={"Plan": "s"})


def header(name: str, hour: int, *, phase: str = "orchestrate", run: str = "") -> Header:
    at = NOON + timedelta(hours=hour)
    return Header(
        agent="sales",
        role="orchestrator",
        phase=phase,
        header=name,
        calls=3,
        first=at,
        last=at,
        run=run or f"sales:deal:{hour}/run-1",
    )


def test_a_change_is_one_from_the_header_before() -> None:
    """Of the same phase; the newest first, whatever order they come in."""
    given = [header("cc", 3), header("aa", 1), header("other", 2, phase="orchestrate-summary"), header("bb", 2)]
    assert [(before.header, now.header) for before, now in pairs(given)] == [("bb", "cc"), ("aa", "bb")]


def test_kits_differ_by_what_a_header_is_made_of() -> None:
    """A channel is no part of it."""
    assert differing(KIT, KIT.model_copy(update={"toolset": "u", "channel": "C1"})) == ("tools",)
    assert differing(KIT, KIT.model_copy(update={"prompts": {}, "schemas": {}})) == ("prompts", "schemas")
    assert differing(KIT, KIT) == ()
    assert differing(None, KIT) == ("kit not on record",)


async def test_a_change_with_the_same_kit_has_no_cause(db: Database) -> None:
    """Something in the request is made anew each time; a new prompt is a cause."""
    new = KIT.model_copy(update={"prompts": {"orchestrate": "q"}})
    for hour, kit in ((1, KIT), (2, KIT), (3, new)):
        await Kits(db).record(f"sales:deal:{hour}/run-1", kit, {})
    found = await changes(db, [header("aa", 1), header("bb", 2), header("cc", 3)])
    assert [(each.at, each.cause) for each in found] == [
        (NOON + timedelta(hours=3), ("prompts",)),
        (NOON + timedelta(hours=2), ()),
    ]
