"""What policies an agent's workers brought, and since when."""

from datetime import UTC, datetime, timedelta

from contracts.policy import ApprovalPolicy
from store.database import Database
from store.policies import PolicyBook

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, OTHER = ApprovalPolicy(approvers=("claire",)), ApprovalPolicy(approvers=("tom",))


async def test_a_run_finds_what_came_after_it_began(db: Database) -> None:
    """Of its own agent, the oldest first."""
    book = PolicyBook(db)
    await book.enter("sales", ONE, MONDAY)
    await book.enter("sales", OTHER, MONDAY + DAY)
    await book.enter("lessons", ONE, MONDAY + DAY)
    assert await book.since("sales", MONDAY - DAY) == [ONE, OTHER]
    assert await book.since("sales", MONDAY) == [OTHER]
    assert await book.since("sales", MONDAY + DAY) == []


async def test_a_policy_that_comes_back_is_new_again(db: Database) -> None:
    """A rollback to a stricter one binds what began between the two. A late worker's clock takes nothing back."""
    book = PolicyBook(db)
    await book.enter("sales", ONE, MONDAY)
    await book.enter("sales", OTHER, MONDAY + DAY)
    await book.enter("sales", ONE, MONDAY + 3 * DAY)
    await book.enter("sales", ONE, MONDAY + 2 * DAY)
    assert await book.since("sales", MONDAY + 2.5 * DAY) == [ONE]
