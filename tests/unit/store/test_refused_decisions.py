from contracts.approvals import Decision, Verdict
from store.database import Database
from store.refused_decisions import RefusedDecision, RefusedDecisions
from tests.unit.store.samples import RUN, minutes

NO = "U0INES is not among those who may decide this"


async def test_a_refusal_says_who_wanted_what_and_why_not(db: Database) -> None:
    """Each of them, however often; another run's aren't among them."""
    decision = Decision(approval="a1", verdict=Verdict.APPROVE, by="U0INES", channel="slack")
    refused = RefusedDecisions(db)
    for run, at in ((RUN, 2), (RUN, 1), ("sales:deal:7/run-1", 1)):
        await refused.record(run, decision, NO, minutes(at))
    common = {"run": RUN, "approval": "a1", "by": "U0INES", "channel": "slack", "verdict": "approve", "reason": NO}
    assert await refused.of_run(RUN) == [
        RefusedDecision.model_validate(common | {"at": minutes(2)}),
        RefusedDecision.model_validate(common | {"at": minutes(1)}),
    ]
