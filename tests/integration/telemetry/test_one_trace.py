import signal
from typing import Any

import pytest

from tests.integration.telemetry.conftest import Toy

# The same is asked of the real agent in tests/integration/stack/test_worker_killed.py; this takes the parts apart.
pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(180)]

# name -> the name of the span it hangs below
TREE = {
    "POST /webhooks/pipedrive": None,
    "toy": "POST /webhooks/pipedrive",
    "orchestrate": "toy",
    "messages.create": "orchestrate",
    "toy.look": "orchestrate",
    "tools/call look": "toy.look",
    "GET": "tools/call look",
}


def _tree(spans: list[dict[str, Any]]) -> dict[str, str | None]:
    names = {span["context"]["span_id"]: span["name"] for span in spans}
    return {span["name"]: names.get(span["parent_id"]) for span in spans}


async def _interrupted(toy: Toy, entity: str, ending: signal.Signals) -> list[dict[str, Any]]:
    """The spans of a run whose worker is ended in the middle of its wait, and replaced."""
    run = toy.client.get_workflow_handle(f"{entity}/run-1")
    with toy.worker() as first:
        trace = await toy.event(entity)
        await toy.waiting(run.id)
        first.send_signal(ending)
        first.wait(10)
    with toy.worker():
        await run.signal("approve")
        assert await toy.client.get_workflow_handle(entity).result() == [trace]
        return await toy.spans(trace, at_least=len(TREE))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_a_run_is_one_trace_although_its_worker_ended(toy: Toy, ending: signal.Signals) -> None:
    """Starter, run, model, tool and the tool's vendor hang together, each once, whichever way the worker went."""
    spans = await _interrupted(toy, f"toy:{ending.name}", ending)
    assert len(spans) == len(TREE)
    assert _tree(spans) == TREE


async def test_a_model_call_is_priced_once_at_the_gateways_price(toy: Toy) -> None:
    """The trace store's own figure is the gateway's, for a model whose answers bear a stand-in's name."""
    spans = await _finished(toy, "toy:priced")
    (llm,) = (span for span in spans if span["span_kind"] == "LLM")
    told = llm["attributes"]
    assert (told["farm.role"], told["llm.model_name"]) == ("orchestrator", "claude-sonnet-5-5")
    assert told["farm.answered_by"] == "sandbox-rules/claude-sonnet-5-5"
    assert toy.store.cost(llm["context"]["trace_id"]) == pytest.approx(float(told["llm.cost.total"]))
    assert float(told["llm.cost.total"]) > 0


async def test_every_span_below_the_door_says_whose_work_it_is(toy: Toy) -> None:
    """Agent, entity, run and session are on the spans of worker and tool server alike."""
    below = [span for span in await _finished(toy, "toy:owned") if span["parent_id"]]
    owners = {tuple(span["attributes"].get(f"farm.{key}") for key in ("agent", "entity", "run")) for span in below}
    assert owners == {("toy", "deal:42", "toy:owned/run-1")}
    assert {span["attributes"]["session.id"] for span in below} == {"deal:42"}


async def test_each_run_of_an_entity_has_a_trace_of_its_own(toy: Toy) -> None:
    """A later event's run hangs below that event's trace, not below the one that woke the entity."""
    with toy.worker():
        traces = [await toy.event("toy:twice", runs=2), await toy.event("toy:twice", runs=2)]
        for number in (1, 2):
            await toy.waiting(f"toy:twice/run-{number}")
            await toy.client.get_workflow_handle(f"toy:twice/run-{number}").signal("approve")
        assert await toy.client.get_workflow_handle("toy:twice").result() == traces
        for trace in traces:
            assert _tree(await toy.spans(trace, at_least=len(TREE))) == TREE


async def _finished(toy: Toy, entity: str) -> list[dict[str, Any]]:
    with toy.worker():
        trace = await toy.event(entity)
        await toy.waiting(f"{entity}/run-1")
        await toy.client.get_workflow_handle(f"{entity}/run-1").signal("approve")
        return await toy.spans(trace, at_least=len(TREE))
