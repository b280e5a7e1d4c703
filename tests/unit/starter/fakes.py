"""Stand-ins for what the starter talks to: Temporal's client, the store, Slack's client."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.approvals import ApprovalRecord, Decision, DecisionReceipt
from contracts.calls import RunRecord
from contracts.events import Event
from contracts.fingerprints import Fingerprint
from store.errors import QuarantineFull
from store.inbox import Standing, Waiting
from store.own_writes import Recognised
from store.quarantine import Unread
from store.story import Story

APPROVED = DecisionReceipt(accepted=True, message="approved by U0CLAIRE")


@dataclass
class FakeTemporal:
    """Takes signal-with-start calls and updates. `away` is raised instead; `hangs` never answers."""

    away: Exception | None = None
    hangs: bool = False
    slow_s: float = 0
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
        await asyncio.sleep(self.slow_s)
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
    """The store's tables of the door, in lists. `away` is raised instead; `hangs` never answers."""

    away: Exception | None = None
    hangs: bool = False
    entries: list[Entry] = field(default_factory=list)
    spooled: list[tuple[Event, str]] = field(default_factory=list)
    kept: list[Unread] = field(default_factory=list)
    own_writes: list[Recognised] = field(default_factory=list)
    most_kept: int = 100

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None:
        await self._answer()
        self.entries.append(Entry(event, outcome, reason, agent, workflow_id))

    async def let_in(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None:
        for agent, workflow_id in workflows.items():
            await self.record(event, "accepted", at=at, agent=agent, workflow_id=workflow_id)

    async def standing(self, event: Event, workflows: Collection[str]) -> Standing:
        await self._answer()
        safe = {"accepted", "spooled"}
        had = {each.agent for each in self.entries if each.event.id == event.id and each.outcome in safe}
        return Standing(frozenset(had), frozenset(each for _, each in self.spooled if each in workflows))

    async def put(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None:
        for agent, workflow_id in workflows.items():
            await self.record(event, "spooled", at=at, agent=agent, workflow_id=workflow_id)
            self.spooled.append((event, workflow_id))

    async def queued(self) -> frozenset[str]:
        await self._answer()
        return frozenset(workflow for _, workflow in self.spooled)

    async def waiting(self) -> Waiting:
        await self._answer()
        return Waiting(len(self.spooled), datetime.now(UTC) if self.spooled else None)

    async def take(self, event_id: str, about: str, prints: Collection[Fingerprint]) -> Sequence[Recognised]:
        await self._answer()
        return [each for each in self.own_writes if each.print in prints]

    async def keep(self, unread: Unread, at: datetime) -> int:
        await self._answer()
        if len(self.kept) >= self.most_kept:
            raise QuarantineFull("full")
        self.kept.append(unread)
        return len(self.kept)

    async def quarantined(self) -> int:
        await self._answer()
        return len(self.kept)

    async def _answer(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise self.away


@dataclass
class FakeSlack:
    """Keeps what was said and shown. `away` is raised instead."""

    away: Exception | None = None
    said: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)

    async def views_publish(self, **view: Any) -> None:
        if self.away:
            raise self.away
        self.published.append(view)

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
    """Knows the approvals that it is given. `away` is raised instead; `hangs` never answers."""

    records: dict[str, ApprovalRecord] = field(default_factory=dict)
    away: Exception | None = None
    hangs: bool = False

    async def get(self, id: str) -> ApprovalRecord | None:  # noqa: A002
        await self._answer()
        return self.records.get(id)

    async def pending(self) -> Sequence[ApprovalRecord]:
        await self._answer()
        return [record for record in self.records.values() if record.status == "pending"]

    async def _answer(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise self.away


@dataclass
class FakeSchemas:
    """Tools' schemas by name, whichever run asks."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def of(self, run: str, tool: str) -> dict[str, Any] | None:
        assert run
        return self.known.get(tool)


@dataclass
class FakeRefusals:
    """Keeps refused decisions as run, decision and reason. `away` is raised instead."""

    away: Exception | None = None
    refused: list[tuple[str, Decision, str]] = field(default_factory=list)

    async def record(self, run: str, decision: Decision, reason: str, at: datetime) -> None:
        assert at.tzinfo
        if self.away:
            raise self.away
        self.refused.append((run, decision, reason))


@dataclass
class FakeRecords:
    """Runs' stories, and what was said in them by a conversation's head. `broken` is raised instead of the latter."""

    stories: dict[str, Story] = field(default_factory=dict)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    broken: Exception | None = None

    async def story(self, run: str) -> Story | None:
        return self.stories.get(run)

    async def named(self, name: str) -> Sequence[RunRecord]:
        return [each.run for each in self.stories.values() if each.run.entity == name]

    async def newest(self) -> Sequence[RunRecord]:
        return [each.run for each in self.stories.values()]

    async def conversation(self, head: str) -> list[dict[str, Any]]:
        if self.broken:
            raise self.broken
        return self.messages.get(head, [])
