from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastmcp import Client, FastMCP
from fastmcp.exceptions import ToolError

from contracts.names import META_ONCE
from store.memory import Fact, Memory
from store.tool_ledger import ToolLedger

Call = Callable[..., Awaitable[dict[str, Any]]]

DEAL = "deal:42"
SIGNS = {"subject": "decision maker", "fact": "Julien signs", "confidence": 0.9}
FATHER_SIGNS = SIGNS | {"fact": "his father signs"}


async def test_what_was_remembered_is_recalled(call: Call) -> None:
    """With where it came from and since when it holds."""
    kept = await call("remember", entity=DEAL, facts=[SIGNS], source_event="event-1", run="sales:deal:42/run-1")
    (fact,) = (await call("recall", entity=DEAL))["facts"]
    assert (fact["id"], fact["fact"], fact["confidence"]) == (kept["ids"][0], "Julien signs", 0.9)
    assert (fact["source_event"], fact["run"]) == ("event-1", "sales:deal:42/run-1")
    assert "valid_to" not in fact


async def test_nothing_known_is_an_empty_answer(call: Call) -> None:
    """Not an error."""
    assert (await call("recall", entity="deal:7"))["facts"] == []


async def test_what_was_true_then_can_be_asked_by_date(call: Call) -> None:
    """In January the old fact held, whatever is known now."""
    await call("remember", entity=DEAL, facts=[SIGNS | {"valid_from": "2026-01-02"}])
    await call("remember", entity=DEAL, facts=[FATHER_SIGNS | {"valid_from": "2026-06-01"}])
    january = await call("recall", entity=DEAL, as_of="2026-01-31")
    now = await call("recall", entity=DEAL)
    assert [fact["fact"] for fact in january["facts"] + now["facts"]] == ["Julien signs", "his father signs"]
    assert january["facts"][0]["valid_to"] == "2026-06-01T00:00:00Z"


async def test_what_answers_the_query_comes_first(call: Call) -> None:
    """Before what is newer."""
    await call("remember", entity=DEAL, facts=[{"subject": "budget", "fact": "48,600 EUR"}, SIGNS])
    found = await call("recall", entity=DEAL, query="budget")
    assert [fact["subject"] for fact in found["facts"]] == ["budget", "decision maker"]


async def test_a_repeated_key_remembers_once(call: Call, memory: Memory) -> None:
    """A retry that comes after somebody learnt better answers the first time's ids and changes nothing."""
    await call("remember", entity=DEAL, facts=[SIGNS])
    first = await call("remember", "key-1", entity=DEAL, facts=[SIGNS])
    await call("remember", entity=DEAL, facts=[FATHER_SIGNS])
    assert await call("remember", "key-1", entity=DEAL, facts=[SIGNS]) == first
    assert [insight.fact for insight in await memory.recall(DEAL)] == ["his father signs"]


async def test_a_call_cut_short_is_carried_out_by_its_retry(call: Call, memory: Memory, dead: ToolLedger) -> None:
    """Begun, remembered, and never finished: the retry finds the same ids."""
    await dead.begin("memory", "key-1")
    before = await memory.remember(DEAL, [Fact.model_validate(SIGNS)], key="key-1")
    assert (await call("remember", "key-1", entity=DEAL, facts=[SIGNS]))["ids"] == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"entity": "the big deal", "facts": [SIGNS]}, "entity"),
        ({"entity": DEAL, "facts": []}, "facts"),
        ({"entity": DEAL, "facts": [{"fact": "no subject"}]}, "facts.0.subject"),
        ({"entity": DEAL, "facts": [SIGNS | {"confidence": 2}]}, "facts.0.confidence"),
    ],
)
async def test_bad_arguments_are_named(call: Call, arguments: dict[str, Any], named: str) -> None:
    """So that a model can mend its call."""
    with pytest.raises(ToolError, match=f"bad arguments: {named}:"):
        await call("remember", **arguments)


async def test_the_tools_declare_their_nature(server: FastMCP) -> None:
    """Policy and recovery go by it."""
    async with Client(server) as client:
        tools = {tool.name: tool for tool in await client.list_tools()}
    recall, remember = tools["recall"].annotations, tools["remember"].annotations
    assert recall is not None
    assert remember is not None
    assert recall.read_only_hint
    assert (remember.read_only_hint, remember.idempotent_hint, remember.destructive_hint) == (False, True, False)
    assert (tools["remember"].meta or {})[META_ONCE]
