"""Who plays which role by people's choice: the newest holds, and all are on record."""

from store.chosen_models import ChosenModels
from store.database import Database


async def test_the_newest_choice_of_a_role_holds(db: Database) -> None:
    """Of each role for itself."""
    chosen = ChosenModels(db)
    assert await chosen.current() == {}
    await chosen.choose({"triage": "small", "orchestrator": "strong"}, "claire")
    await chosen.choose({"triage": "smaller"}, "tom")
    assert await chosen.current() == {"orchestrator": "strong", "triage": "smaller"}


async def test_every_choice_is_on_record(db: Database) -> None:
    """Who, when, before and after; what is so already is no choice."""
    chosen = ChosenModels(db)
    for by, model in (("claire", "strong"), ("tom", "strong"), ("tom", "other")):
        await chosen.choose({"orchestrator": model}, by)
    told = [(each.by, each.before, each.model) for each in await chosen.history()]
    assert told == [("tom", "strong", "other"), ("claire", "", "strong")]
    newest, oldest = await chosen.history()
    assert oldest.at <= newest.at


async def test_a_choice_is_taken_back(db: Database) -> None:
    """The role is the gateway's own again; and what was never chosen needs no taking back."""
    chosen = ChosenModels(db)
    await chosen.choose({"orchestrator": "strong"}, "claire")
    assert [each.before for each in await chosen.choose({"orchestrator": "", "triage": ""}, "tom")] == ["strong"]
    assert await chosen.current() == {}
