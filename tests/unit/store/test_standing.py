"""What people allowed beforehand: entered with the approval, found for the call it is about, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.approvals import Always, ApprovalRecord, Decision, Verdict
from contracts.standing import WantedCall
from store.approvals import Approvals
from store.database import Database
from store.standing import StandingConsents
from tests.unit.store.samples import approval

TODAY = datetime.now(UTC).date()
CALL = WantedCall(agent="sales", entity="deal:42", tool="crm__send_mail", rule="r1")


def allowed(*, name: str = "a1", days: int = 7, scope: str = "entity", **of_the_request) -> ApprovalRecord:
    record = approval("approved", name=name)
    request = record.request.model_copy(
        update={"agent": "sales", "entity": "deal:42", "tool": "crm__send_mail", "rule": "r1", **of_the_request}
    )
    always = Always(scope=scope, until=TODAY + timedelta(days=days))
    decision = Decision(approval=name, verdict=Verdict.APPROVE, by="claire", channel="cli", always=always)
    return record.model_copy(update={"request": request, "decision": decision, "decided_at": datetime.now(UTC)})


async def found(db: Database, **changed) -> str:
    consent = await StandingConsents(db).find(CALL.model_copy(update=changed))
    return consent.approval if consent else ""


async def test_it_is_found_for_its_kind_of_call_alone(db: Database) -> None:
    """Same agent, entity, tool and rule; entered once, however often the approval is recorded."""
    for _ in range(2):
        await Approvals(db).record(allowed())
    assert await found(db) == "a1"
    for other in ({"agent": "support"}, {"entity": "deal:43"}, {"tool": "crm__add_note"}, {"rule": "r2"}):
        assert await found(db, **other) == ""
    assert [each.by for each in await StandingConsents(db).holding()] == ["claire"]


async def test_for_the_agent_it_holds_for_every_entity(db: Database) -> None:
    await Approvals(db).record(allowed(scope="agent"))
    assert await found(db, entity="deal:43") == "a1"


async def test_its_last_day_is_its_last(db: Database) -> None:
    """It holds on that day, and not on the day after."""
    await Approvals(db).record(allowed(days=0))
    assert await found(db) == "a1"
    await Approvals(db).record(allowed(name="a2", days=-1, entity="deal:43"))
    assert await found(db, entity="deal:43") == ""


async def test_it_can_be_taken_back_once(db: Database) -> None:
    await Approvals(db).record(allowed())
    taken = await StandingConsents(db).revoke("a1", "tom")
    assert taken is not None
    assert taken.revoked_by == "tom"
    assert await found(db) == ""
    assert await StandingConsents(db).revoke("a1", "tom") is None
    await Approvals(db).record(allowed())
    assert await found(db) == ""


@pytest.mark.parametrize(
    "record",
    [
        approval(),
        approval("approved"),
        allowed().model_copy(update={"status": "rejected"}),
        allowed(workflow_id="fork-3:sales:deal:42/run-1"),
    ],
    ids=["pending", "of this call alone", "rejected", "in a fork"],
)
async def test_other_records_allow_nothing_beforehand(db: Database, record: ApprovalRecord) -> None:
    await Approvals(db).record(record)
    assert await StandingConsents(db).holding() == []
