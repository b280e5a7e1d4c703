"""What the swap of models comes to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ops.drill.swap.verdict import RunSeen, complaints, seen
from store.tables import ModelCallRow

BEFORE = {"triage": "small-1", "orchestrator": "strong-1"}
WANTED = {"triage": "small-2", "orchestrator": "strong-2"}


def call(step: str, role: str, model: str, **more: Any) -> ModelCallRow:
    its: dict[str, Any] = {"reply": {"tool_uses": []}, "cache_read_tokens": 0, "fallback": False, "cost_usd": 0.25}
    now = datetime.now(UTC)
    return ModelCallRow(run="r", step=step, role=role, model=f"sandbox-rules/{model}", at=now, **{**its, **more})


def a_run(models: dict[str, str], **changes: Any) -> RunSeen:
    calls = [
        call("triage-1", "triage", models["triage"]),
        call("orchestrate-1", "orchestrator", models["orchestrator"], reply={"tool_uses": [{}, {}]}),
        call("orchestrate-2", "orchestrator", models["orchestrator"], cache_read_tokens=1280),
    ]
    return seen("r", "done", calls).model_copy(update=changes)


def wrong(moved: RunSeen, stayed: RunSeen, done_s: float = 12.0) -> list[str]:
    return list(complaints(moved, stayed, WANTED, BEFORE, done_s))


def test_a_run_is_read_from_the_ledger() -> None:
    """Who answered which role, by own names; tools, cache, money; an answer asked again is a repair."""
    told = a_run(WANTED)
    assert told.models == {"triage": ("small-2",), "orchestrator": ("strong-2",)}
    assert (told.calls, told.tool_uses, told.cache_read_tokens, told.cost_usd) == (3, 2, 1280, 0.75)
    assert told.repairs == 0
    assert seen("r", "done", [call("triage-1", "triage", "m"), call("triage-2", "triage", "m")]).repairs == 1


def test_each_where_it_belongs_is_well() -> None:
    assert wrong(a_run(WANTED), a_run(BEFORE)) == []


@pytest.mark.parametrize(
    ("moved", "stayed", "done_s", "told"),
    [
        (a_run({**WANTED, "triage": "small-1"}), a_run(BEFORE), 1, "triage is small-2's, and small-1 answered"),
        (a_run(WANTED), a_run({**BEFORE, "orchestrator": "strong-2"}), 1, "orchestrator is strong-1's, and strong-2"),
        (a_run(WANTED, tool_uses=0), a_run(BEFORE), 1, "used no tool"),
        (a_run(WANTED, cache_read_tokens=0), a_run(BEFORE), 1, "read nothing from its cache"),
        (a_run(WANTED, repairs=1), a_run(BEFORE), 1, "1 structured answers had to be asked again"),
        (a_run(WANTED, fallbacks=1), a_run(BEFORE), 1, "answered by a standby"),
        (a_run(WANTED), a_run(BEFORE, status="failed"), 1, "r ended as failed"),
        (a_run(WANTED), a_run(BEFORE), 61, "it took 61 s"),
    ],
)
def test_what_is_not_as_it_must_be_is_said(moved: RunSeen, stayed: RunSeen, done_s: float, told: str) -> None:
    (sentence,) = wrong(moved, stayed, done_s)
    assert told in sentence
