"""The policies of agents, as their workers bring them: a run that waits asks for those newer than its own."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from contracts.policy import ApprovalPolicy
from store.canonical import canonical, content_hash
from store.database import Database
from store.insert import insert_into
from store.tables import PolicyRow


class PolicyBook:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def enter(self, agent: str, policy: ApprovalPolicy, at: datetime) -> None:
        """A worker begins with it. One that comes back, as after a rollback, counts as new again."""
        content = policy.model_dump(mode="json")
        row = {"agent": agent, "hash": content_hash(canonical(content)), "content": content}
        async with self._db.session() as session:
            insert = insert_into(session, PolicyRow).values(**row, first_seen=at, last_seen=at)
            later = PolicyRow.last_seen < insert.excluded.last_seen
            await session.execute(
                insert.on_conflict_do_update(index_elements=["agent", "hash"], set_={"last_seen": at}, where=later)
            )

    async def since(self, agent: str, moment: datetime) -> Sequence[ApprovalPolicy]:
        """Those that workers began with after a moment, in the order in which they first did."""
        query = select(PolicyRow.content).where(PolicyRow.agent == agent, PolicyRow.last_seen > moment)
        async with self._db.reading() as session:
            found = await session.scalars(query.order_by(PolicyRow.first_seen))
            return [ApprovalPolicy.model_validate(each) for each in found]
