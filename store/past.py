"""A run as it was, by its steps: what its models said, what its tools answered, what people decided.

The runs that it started stand with it. Each is named by what its name adds to the run's own: "" for the run itself,
`/orchestrate-2.1:pricing` for the sub-agent of that step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from contracts.approvals import ApprovalRecord
from contracts.calls import ModelReply, RunRecord, ToolReply
from store.database import Database
from store.kits import RecordedKit
from store.runs import Runs
from store.tables import ApprovalRow, KitRow, ModelCallRow, RunRow, ToolCallRow

Place = tuple[str, str]
"""Which run (as named above), which step."""


@dataclass(frozen=True)
class Thought:
    """A model call as it went."""

    step: str
    role: str
    asked: str
    reply: ModelReply
    cost_usd: float
    at: datetime


@dataclass(frozen=True)
class Deed:
    """A tool call as it went."""

    step: str
    server: str
    tool: str
    arguments: dict[str, Any]
    reply: ToolReply
    at: datetime


@dataclass(frozen=True)
class Past:
    """All of it."""

    run: RunRecord
    started_at: datetime
    kits: Mapping[str, RecordedKit]
    thoughts: Mapping[Place, Thought]
    deeds: Mapping[Place, Deed]
    questions: Sequence[ApprovalRecord]

    @property
    def turns(self) -> list[Thought]:
        """The run's own model calls, oldest first."""
        return [thought for (below, _), thought in self.thoughts.items() if not below]

    def below(self, run: str) -> str:
        """What a run's name adds to this one's."""
        return run.removeprefix(self.run.run)


async def past(db: Database, run: str) -> Past | None:
    """None where no such run is on record."""
    record = await Runs(db).get(run)
    if record is None:
        return None
    async with db.reading() as session:
        started_at = await session.scalar(select(RunRow.started_at).where(RunRow.run == run))
        assert started_at is not None
        kits = (await session.scalars(select(KitRow).where(_its(KitRow.run, run)))).all()
        thought = select(ModelCallRow).where(_its(ModelCallRow.run, run)).order_by(ModelCallRow.at, ModelCallRow.step)
        done = select(ToolCallRow).where(_its(ToolCallRow.run, run)).order_by(ToolCallRow.at, ToolCallRow.step)
        asked = select(ApprovalRow.record).where(_its(ApprovalRow.workflow_id, run)).order_by(ApprovalRow.asked_at)
        return Past(
            run=record,
            started_at=started_at,
            kits={_below(row.run, run): RecordedKit(kit=row.kit, job=row.job) for row in kits},
            thoughts={(_below(row.run, run), row.step): _thought(row) for row in await session.scalars(thought)},
            deeds={(_below(row.run, run), row.step): _deed(row) for row in await session.scalars(done)},
            questions=[ApprovalRecord.model_validate(row) for row in await session.scalars(asked)],
        )


def _its(name: InstrumentedAttribute[str], run: str) -> ColumnElement[bool]:
    return (name == run) | name.startswith(f"{run}/", autoescape=True)


def _below(name: str, run: str) -> str:
    return name.removeprefix(run)


def _thought(row: ModelCallRow) -> Thought:
    reply = ModelReply.model_validate(row.reply)
    return Thought(row.step, row.role, row.asked, reply, float(row.cost_usd), row.at)


def _deed(row: ToolCallRow) -> Deed:
    reply = ToolReply.model_validate(row.reply)
    return Deed(row.step, row.server, row.tool, row.arguments, reply, row.at)
