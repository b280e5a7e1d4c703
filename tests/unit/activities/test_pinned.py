"""What a model call names is found in its run's kit."""

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.pinned import Pinned, Pins
from contracts.agents import Kit
from contracts.calls import CallSite, ModelCall
from store.errors import KitMissing
from store.kits import Kits

RUN = "sales:deal:42/run-1"
KIT = Kit(prompts={"triage": "p1"}, schemas={"Found": "s1"}, toolset="t1")
CALL = ModelCall(site=CallSite(run=RUN, step="triage-1"), role="triage", prompt="triage", answer="Found", tools=True)


def at_work(history: str) -> ActivityEnvironment:
    env = ActivityEnvironment()
    env.info = replace(env.info, workflow_run_id=history)
    return env


async def test_names_lead_to_what_was_pinned(db, env):
    """Prompt, schema and tools by the run's own kit; nothing where nothing is wanted."""
    await Kits(db).record(RUN, KIT, {})
    assert await env.run(Pinned(db).of, CALL) == Pins("p1", "t1", "s1")
    plain = CALL.model_copy(update={"answer": "", "tools": False})
    assert (await env.run(Pinned(db).of, plain)).refs == ["p1"]


async def test_another_attempt_has_another_kit(db):
    """Tried again under its name, a run works with what was pinned then, in a worker that knew the first attempt."""
    pinned = Pinned(db)
    for history, kit in (("first", KIT), ("second", KIT.model_copy(update={"prompts": {"triage": "p2"}}))):
        await Kits(db).record(RUN, kit, {})
        assert (await at_work(history).run(pinned.of, CALL)).prompt == kit.prompts["triage"]


async def test_a_kit_is_read_once(db, env):
    """A turn costs no reading of what can't have changed."""
    pinned = Pinned(db)
    await Kits(db).record(RUN, KIT, {})
    await env.run(pinned.of, CALL)
    await Kits(db).record(RUN, Kit(prompts={}), {})
    assert await env.run(pinned.of, CALL) == Pins("p1", "t1", "s1")


@pytest.mark.parametrize(
    ("kit", "said"),
    [
        (None, r"triage-1: no kit is stored of sales:deal:42/run-1; has this worker another store\?"),
        (KIT.model_copy(update={"prompts": {"a": "", "b": ""}}), "has no prompt 'triage'; it has: a, b"),
        (KIT.model_copy(update={"schemas": {}}), "has no schema 'Found'; it has: none"),
    ],
    ids=["no kit", "no prompt", "no schema"],
)
async def test_what_is_missing_is_named(db, env, kit, said):
    """Whoever is on call reads what is missing and where it was looked for."""
    if kit is not None:
        await Kits(db).record(RUN, kit, {})
    with pytest.raises(KitMissing, match=said):
        await env.run(Pinned(db).of, CALL)
