"""Stand-ins for what the starter talks to: Temporal's client, the store's door, Slack's client."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.approvals import ApprovalRecord, Decision, DecisionReceipt
from contracts.events import Event

APPROVED = DecisionReceipt(accepted=True, message="approved by U0CLAIRE")


@dataclass
class FakeTemporal:
    """Takes signal-with-start calls and updates. `away` is raised instead; `hangs` never answers."""

    away: Exception | None = None
    hangs: bool = False
    receipt: DecisionReceipt = APPROVED
    started: list[dict[str, Any]] = field(default_factory=list)
    decided: list[tuple[str, Decision]] = field(default_factory=list)

    async def start_workflow(self, workflow: str, arg: Any, **options: Any) -> None:
        await self._answer()
        self.started.append({"workflow": workflow, "arg": arg} | options)

    def get_workflow_handle(self, workflow_id: str) -> "FakeHandle":
        return FakeHandle(self, workflow_id)

    async def _answer(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise self.away


@dataclass
class FakeHandle:
    temporal: FakeTemporal
    workflow_id: str

    async def execute_update(self, update: str, decision: Decision, **_: Any) -> DecisionReceipt:
        assert update == "decide"
        await self.temporal._answer()
        self.temporal.decided.append((self.workflow_id, decision))
        return self.temporal.receipt


@dataclass
class Entry:
    event: Event
    outcome: str
    reason: str
    agent: str
    workflow_id: str


@dataclass
class FakeDoor:
    """Keeps entries in a list. `away` is raised instead."""

    away: Exception | None = None
    entries: list[Entry] = field(default_factory=list)

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None:
        if self.away:
            raise self.away
        self.entries.append(Entry(event, outcome, reason, agent, workflow_id))

    async def accepted(self, source: str, event_id: str) -> bool:
        if self.away:
            raise self.away
        return any(e.event.id == event_id and e.outcome == "accepted" for e in self.entries)


@dataclass
class FakeSlack:
    """Keeps what was said and shown. `away` is raised instead."""

    away: Exception | None = None
    said: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)

    async def chat_postEphemeral(self, **message: Any) -> None:  # noqa: N802  Slack's own name
        if self.away:
            raise self.away
        self.said.append(message)

    async def views_open(self, **view: Any) -> None:
        if self.away:
            raise self.away
        self.opened.append(view)


@dataclass
class FakeApprovals:
    """Knows the approvals that it is given."""

    records: dict[str, ApprovalRecord] = field(default_factory=dict)

    async def get(self, id: str) -> ApprovalRecord | None:  # noqa: A002
        return self.records.get(id)
