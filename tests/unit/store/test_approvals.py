from store.approvals import Approvals
from store.database import Database
from store.runs import Runs
from tests.unit.store.samples import RUN, approval, minutes, run_record


async def test_an_approval_never_asked_is_none(db: Database) -> None:
    """Asking is no error."""
    assert await Approvals(db).get("approval-1") is None


async def test_what_waits_is_pending_the_longest_waiting_first(db: Database) -> None:
    """The inbox's order; what is decided isn't in it."""
    await Approvals(db).record(approval(name="late", asked_at=minutes(9)))
    await Approvals(db).record(approval(name="early", asked_at=minutes(1)))
    await Approvals(db).record(approval("approved", name="done"))
    assert [record.request.id for record in await Approvals(db).pending()] == ["early", "late"]


async def test_a_decision_replaces_the_question_and_both_stay_in_the_history(db: Database) -> None:
    """How it stands, and how it came to it."""
    await Approvals(db).record(approval())
    await Approvals(db).record(approval("approved"))
    assert await Approvals(db).get("approval-1") == approval("approved")
    assert await Approvals(db).history("approval-1") == [approval(), approval("approved")]


async def test_the_same_record_again_is_one_entry(db: Database) -> None:
    """A retried activity doesn't make two decisions."""
    for _ in range(2):
        await Approvals(db).record(approval("rejected"))
    assert len(await Approvals(db).history("approval-1")) == 1


async def test_a_late_question_does_not_take_back_a_decision(db: Database) -> None:
    """Whatever order the retries come in."""
    await Approvals(db).record(approval("approved"))
    await Approvals(db).record(approval())
    assert await Approvals(db).get("approval-1") == approval("approved")


async def test_a_run_has_what_it_asked(db: Database) -> None:
    """For its story."""
    await Approvals(db).record(approval())
    assert [record.request.id for record in await Approvals(db).of_run(RUN)] == ["approval-1"]
    assert await Approvals(db).of_run("other/run-1") == []


async def test_a_run_that_ended_waits_for_nobody(db: Database) -> None:
    """Terminated or lost, it can't hear an answer: its question isn't shown as one that waits."""
    await Approvals(db).record(approval())
    await Runs(db).record(run_record(status="waiting"))
    assert len(await Approvals(db).pending()) == 1
    await Runs(db).record(run_record(status="failed", at=minutes(1)))
    assert await Approvals(db).pending() == []
