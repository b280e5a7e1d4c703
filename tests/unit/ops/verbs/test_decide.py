"""What the command line does of a decision that the run refused."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from contracts.approvals import ApprovalRequest, Decision, Verdict
from ops.connections import Addresses
from ops.verbs.decide import _write_down
from store.refused_decisions import RefusedDecisions
from tests.unit.ops.verbs.conftest import Records

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REQUEST = ApprovalRequest(
    id="a1", workflow_id="sales:deal:42/run-1", step="s", agent="sales", entity="deal:42", tool="crm__send_mail",
    arguments={}, arguments_hash="h", what="send mail", asked_at=NOW, expires_at=NOW,
)  # fmt: skip
DECISION = Decision(approval="a1", verdict=Verdict.APPROVE, by="root", channel="cli")


def test_a_refusal_is_written_down(on_record: Records) -> None:
    """Under the run that asked."""
    asyncio.run(_write_down(REQUEST, DECISION, "too late", Addresses(on_record.url, "127.0.0.1:1")))
    (refused,) = on_record.do(lambda db: RefusedDecisions(db).of_run(REQUEST.workflow_id))
    assert (refused.by, refused.channel, refused.reason) == ("root", "cli", "too late")


def test_a_store_without_its_tables_is_no_trouble_of_the_decider(tmp_path: Path) -> None:
    """What the run said is told all the same."""
    where = Addresses(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", "127.0.0.1:1")
    asyncio.run(_write_down(REQUEST, DECISION, "too late", where))
