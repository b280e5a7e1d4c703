"""The commands that the demo prints can be pasted as they are."""

import json
import shlex
from datetime import UTC, datetime

from contracts.approvals import ApprovalRequest, Decision
from ops.demo.showing import signals, temporal_link

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REQUEST = ApprovalRequest(
    id="a1", workflow_id="sales:deal:42/run-1", step="s", agent="sales", entity="deal:42", tool="crm__send_mail",
    arguments={}, arguments_hash="h", what="send mail", asked_at=NOW, expires_at=NOW,
)  # fmt: skip


def test_signal_input_is_a_decision() -> None:
    """What a shell makes of the printed input is a Decision of the contracts, by an operator."""
    for command in signals(REQUEST, "127.0.0.1:7233"):
        words = shlex.split(command)
        decision = Decision.model_validate(json.loads(words[words.index("--input") + 1]))
        assert (decision.approval, decision.verdict, decision.channel) == ("a1", "approve", "operator")


def test_temporal_and_tctl_spell_the_workflow_their_own_way() -> None:
    """`temporal` has --workflow-id, `tctl` --workflow_id."""
    by_temporal, by_tctl = signals(REQUEST, "127.0.0.1:7233")
    assert "--workflow-id sales:deal:42/run-1" in by_temporal
    assert "--workflow_id sales:deal:42/run-1" in by_tctl


def test_link_survives_colons_and_slashes() -> None:
    """A workflow id in a URL is one path segment."""
    assert temporal_link("http://ui", "sales:deal:42/run-1").endswith("/workflows/sales%3Adeal%3A42%2Frun-1")
