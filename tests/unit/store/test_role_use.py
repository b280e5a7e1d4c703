"""What each role cost: the ledger, by role, agent and model."""

from datetime import UTC, datetime, timedelta

from contracts.calls import CallSite, ModelCall, ModelReply
from store.database import Database
from store.model_calls import ModelCalls
from store.role_use import RoleUse, role_use

NOW = datetime(2026, 11, 27, 3, 14, tzinfo=UTC)


async def test_calls_and_cost_are_counted_by_role(db: Database) -> None:
    """Of the time asked for, and standbys apart."""
    calls = [
        ("sales:deal:1/run-1", "triage", NOW, False),
        ("sales:deal:2/run-1", "triage", NOW, True),
        ("briefing:deal:1/run-1", "triage", NOW, False),
        ("sales:deal:3/run-1", "triage", NOW - timedelta(days=8), False),
    ]
    for run, role, at, fallback in calls:
        call = ModelCall(site=CallSite(run=run, step="triage-1"), role=role, prompt="triage")
        reply = ModelReply(head="h", model="m", cost_usd=0.25, fallback=fallback)
        await ModelCalls(db).record(call, reply, asked="small", latency_s=1, at=at)
    assert await role_use(db, NOW - timedelta(days=7)) == [
        RoleUse(role="triage", agent="briefing", asked="small", calls=1, fallbacks=0, cost_usd=0.25),
        RoleUse(role="triage", agent="sales", asked="small", calls=2, fallbacks=1, cost_usd=0.5),
    ]
