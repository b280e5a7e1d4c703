"""What the record answers to a call and to a question of a fork."""

from typing import Any

import pytest

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from contracts.calls import ToolCall, ToolReply
from contracts.names import EXTEND_BUDGET
from ops.fork.answers import as_then, decision_for, same_call
from store.past import Deed, Past
from tests.unit.store.samples import RUN, minutes, run_record, site

FORK = f"fork-3:{RUN}"


def deed(step: str, result: str, **arguments: Any) -> Deed:
    return Deed(step, "crm", "get_deal", arguments, ToolReply(ref=result), minutes(0))


def past(*deeds: Deed, questions: tuple[ApprovalRecord, ...] = ()) -> Past:
    return Past(run_record(), minutes(0), {}, {}, {("", each.step): each for each in deeds}, questions)


def call(step: str = "s-1", tool: str = "get_deal", **arguments: Any) -> ToolCall:
    return ToolCall(site=site(step, FORK), server="crm", tool=tool, arguments=arguments)


CALLS = [
    ("the same", [deed("a", "1", deal_id=42)], call(deal_id=42), "1"),
    ("in another order", [deed("a", "1", x=1, y=2)], call(y=2, x=1), "1"),
    ("other arguments", [deed("a", "1", deal_id=42)], call(deal_id=43), None),
    ("another tool", [deed("a", "1", deal_id=42)], call(tool="list_mails", deal_id=42), None),
    ("of several the same step", [deed("a", "1", x=1), deed("s-1", "2", x=1), deed("c", "3", x=1)], call(x=1), "2"),
    ("of several the last", [deed("a", "1", x=1), deed("b", "2", x=1)], call(x=1), "2"),
    ("with the run's own name", [deed("a", "1", run=RUN)], call(run=FORK), "1"),
]


@pytest.mark.parametrize(("deeds", "asked", "found"), [each[1:] for each in CALLS], ids=[each[0] for each in CALLS])
def test_a_call_is_answered_by_the_same_one(deeds: list[Deed], asked: ToolCall, found: str | None) -> None:
    """Server, tool and arguments; the fork's own name counts as the run's."""
    same = same_call(past(*deeds), FORK, asked)
    assert (same.reply.ref if same else None) == found


def test_the_runs_name_is_found_however_deep() -> None:
    """In lists and texts, with quotes and letters that JSON escapes."""
    value = {"blocks": [{"text": f'“{FORK}” said "é"'}], "other": 1}
    assert as_then(value, FORK, RUN) == {"blocks": [{"text": f'“{RUN}” said "é"'}], "other": 1}


def question(status: str, tool: str = "crm__send_mail", executed: Any = None, **arguments: Any) -> ApprovalRecord:
    request = ApprovalRequest(
        id="q1",
        workflow_id=RUN,
        step="s-1",
        agent="sales",
        entity="deal:42",
        tool=tool,
        arguments=arguments,
        arguments_hash="",
        what="",
        asked_at=minutes(0),
        expires_at=minutes(9),
    )
    verdict = {"approved": Verdict.APPROVE, "rejected": Verdict.REJECT}.get(status)
    decision = Decision(approval="q1", verdict=verdict, by="U0CLAIRE", reason="I call him") if verdict else None
    return ApprovalRecord.model_validate(
        {"request": request, "status": status, "decision": decision, "approved_arguments": executed}
    )


TO = {"to": "j@b.example"}
DECISIONS = [
    ("approved", question("approved", executed=TO, **TO), Verdict.APPROVE, "approved then by U0CLAIRE"),
    ("rejected", question("rejected", **TO), Verdict.REJECT, "rejected then by U0CLAIRE"),
    ("expired", question("expired", **TO), Verdict.REJECT, "expired then"),
    ("edited", question("approved", executed={"to": "x"}, **TO), Verdict.EDIT, "edited as U0CLAIRE did then"),
    (
        "another mail",
        question("rejected", to="x"),
        Verdict.APPROVE,
        "approved, as a dry run: nobody was asked this then",
    ),
]


@pytest.mark.parametrize(("then", "verdict", "why"), [each[1:] for each in DECISIONS], ids=[e[0] for e in DECISIONS])
def test_a_question_is_answered_as_people_did(then: ApprovalRecord, verdict: Verdict, why: str) -> None:
    """The same question gets the same answer, a new one a yes: nothing is done anyway."""
    asked = question("pending", **TO).request.model_copy(update={"id": "q2", "workflow_id": FORK})
    decision, told = decision_for(past(questions=(then,)), FORK, asked)
    assert (decision.approval, decision.verdict, told) == ("q2", verdict, why)
    assert (decision.arguments is not None) == (verdict is Verdict.EDIT)


def test_a_budget_is_not_extended_unasked() -> None:
    """That would cost money for real."""
    decision, _ = decision_for(past(), FORK, question("pending", tool=EXTEND_BUDGET, reached="20 turns").request)
    assert decision.verdict is Verdict.REJECT
