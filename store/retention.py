"""The sweep: what no run, fork or set refers to any more is removed; runs themselves only by age, and only when asked.

What refers to a turn: a model call on record, by the conversation it went on from and the one it left; and each turn
refers to the one before it. What refers to a text: a tool call, a kit. A worker stores a turn or a text first and
enters the call that refers to it a moment later, so nothing is removed that was put within `GRACE`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from contracts.frozen import Frozen
from contracts.names import FORK_PREFIX, fork_number
from store.database import Database
from store.dead_letters import WAITING
from store.tables import (
    ApprovalHistoryRow,
    ApprovalRow,
    Base,
    BatchRequestRow,
    BlobRow,
    DeadLetterRow,
    EffectRow,
    ForkRow,
    InterventionRow,
    KeptRow,
    KitRow,
    ModelCallRow,
    RefusedDecisionRow,
    RunRow,
    ToolCallRow,
    ToolLedgerRow,
    TurnRow,
)

GRACE = timedelta(days=7)
"""More than the longest time between storing something and entering what refers to it, and than `blobs.FRESH`."""

FINISHED = ("skipped", "done", "failed")
SETTLED = ("done", "failed", "skipped")

AT_ONCE = 500
"""Rows removed in one transaction: workers that write wait for each, and shouldn't notice."""


class Swept(Frozen):
    """What a sweep removed; with `dry_run`, what it would remove now."""

    dry_run: bool
    runs: tuple[str, ...] = ()
    turns: int = 0
    texts: int = 0
    kept_runs: int = 0
    """Old enough, and kept all the same: in a set, a dead letter that waits, the origin of a fork that stays, or the
    newest of its entity.
    """

    unfinished_runs: int = 0
    """Old enough, and not finished."""


class Retention:
    """`grace`: what was put more lately than that is never removed."""

    def __init__(self, db: Database, grace: timedelta = GRACE) -> None:
        self._db = db
        self._grace = grace

    async def sweep(self, *, older_than: timedelta | None = None, dry_run: bool = False) -> Swept:
        """Remove what nothing refers to; with `older_than` first the runs that ended before that."""
        now = datetime.now(UTC)
        async with self._db.reading() as session:
            chosen = await _choice(session, now - older_than) if older_than is not None else Choice()
        gone = chosen.runs
        if not dry_run:
            gone = [run for some in _batches(chosen.runs) for run in await self._remove_runs(some)]
        turns, texts = await self._unreferenced(now - self._grace, without=gone)
        if not dry_run:
            await self._remove(TurnRow, TurnRow.head, turns, now - self._grace)
            await self._remove(BlobRow, BlobRow.ref, texts, now - self._grace)
        return Swept(
            dry_run=dry_run,
            runs=tuple(gone),
            turns=len(turns),
            texts=len(texts),
            kept_runs=chosen.kept,
            unfinished_runs=chosen.unfinished,
        )

    async def _remove_runs(self, runs: Sequence[str]) -> list[str]:
        """Those that are gone now: somebody may have kept or forked one since it was chosen."""
        async with self._db.session() as session:
            held = await _held(session)
            held |= {*await session.scalars(select(ForkRow.origin).where(ForkRow.run.not_in(runs)))}
            gone = [run for run in runs if run not in held]
            approvals = select(ApprovalRow.id).where(ApprovalRow.workflow_id.in_(gone))
            settled = select(EffectRow.key).where(EffectRow.run.in_(gone), EffectRow.state.in_(SETTLED))
            await session.execute(delete(ApprovalHistoryRow).where(ApprovalHistoryRow.approval.in_(approvals)))
            await session.execute(delete(ToolLedgerRow).where(ToolLedgerRow.key.in_(settled)))
            # What is in doubt stays: nobody has said yet whether it happened.
            await session.execute(delete(EffectRow).where(EffectRow.run.in_(gone), EffectRow.state.in_(SETTLED)))
            for row, its_run in _OF_A_RUN:
                await session.execute(delete(row).where(its_run.in_(gone)))
        return gone

    async def _unreferenced(self, young: datetime, without: Sequence[str]) -> tuple[list[str], list[str]]:
        """Turns and texts that may go, as if the runs `without` had gone already."""
        gone = set(without)
        async with self._db.reading() as session:
            turns = {head: (parent, at) for head, parent, at in await session.execute(_TURNS)}
            calls = [row for row in await session.execute(_HEADS) if row.run not in gone]
            texts = {row.ref: row.recorded_at for row in await session.execute(_TEXTS)}
            refs = {ref for run, ref in await session.execute(_REFS) if run not in gone}
            async for run, kit in await session.stream(_KITS):
                refs |= _texts_of(kit) if run not in gone else set()
        begun = [head for head, (_, at) in turns.items() if at >= young]
        live = _reached([*begun, *(head for call in calls for head in (call.head, call.parent))], turns)
        return (
            [head for head in turns if head not in live],
            [ref for ref, at in texts.items() if at < young and ref not in refs],
        )

    async def _remove(
        self, row: type[TurnRow | BlobRow], name: InstrumentedAttribute[str], these: Sequence[str], young: datetime
    ) -> None:
        for some in _batches(these):
            async with self._db.session() as session:
                # One that was put again since it was found is wanted again.
                await session.execute(delete(row).where(name.in_(some), row.recorded_at < young))


@dataclass(frozen=True)
class Choice:
    """Runs that may go by their age, and how many stay that are as old."""

    runs: Sequence[str] = ()
    kept: int = 0
    unfinished: int = 0


@dataclass(frozen=True)
class OldRun:
    """A run, as far as its removal is concerned. `at`: when it was last heard of."""

    run: str
    status: str
    at: datetime


async def _choice(session: AsyncSession, before: datetime) -> Choice:
    rows = await session.execute(select(RunRow.run, RunRow.status, RunRow.at))
    forks = await session.execute(select(ForkRow.run, ForkRow.origin))
    return choose([OldRun(*row) for row in rows], dict(iter(forks)), await _held(session), before)


async def _held(session: AsyncSession) -> set[str]:
    """Runs that somebody wants to keep, and those whose events still wait for a person."""
    dead = select(DeadLetterRow.run).where(DeadLetterRow.state == WAITING)
    return {*await session.scalars(select(KeptRow.run)), *await session.scalars(dead)}


def choose(runs: Sequence[OldRun], origins: Mapping[str, str], kept: set[str], before: datetime) -> Choice:
    """Which runs may go. `origins`: fork -> the run that it was made from. Pure.

    An entity's newest run stays, so that its numbers never begin anew: effects are done once by a key that has the
    run's name in it, and a name used twice would hold back what is new.
    """
    old = {each.run for each in runs if each.at < before}
    unfinished = {each.run for each in runs if each.status not in FINISHED}
    stays = {each.run for each in runs} - old | unfinished | kept | _newest(each.run for each in runs)
    while more := {run for run in old - stays if _is_held(run, stays)} | _origins(stays, origins) - stays:
        stays |= more
    going = [each.run for each in runs if each.run not in stays]
    return Choice(going, kept=len(old - unfinished) - len(going), unfinished=len(old & unfinished))


def _origins(stays: set[str], origins: Mapping[str, str]) -> set[str]:
    return {origin for fork, origin in origins.items() if fork in stays}


def _is_held(run: str, stays: set[str]) -> bool:
    """A run that another run started goes with the one that started it."""
    parts = run.split("/")
    return any("/".join(parts[:count]) in stays for count in range(1, len(parts)))


def _newest(runs: Iterable[str]) -> set[str]:
    """Of each row of numbers the highest: `sales:deal:42/run-7`, `fork-3:...`."""
    highest: dict[str, tuple[int, str]] = {}
    for run in runs:
        series, _, text = run.rpartition("/run-")
        number = fork_number(run) or (int(text) if text.isdecimal() else 0)
        if number:
            name = FORK_PREFIX if fork_number(run) else series
            highest[name] = max(highest.get(name, (0, run)), (number, run))
    return {run for _, run in highest.values()}


def _reached(heads: Iterable[str], turns: Mapping[str, tuple[str, datetime]]) -> set[str]:
    """The turns from these heads back to their roots."""
    live: set[str] = set()
    for each in heads:
        head = each
        while head in turns and head not in live:
            live.add(head)
            head = turns[head][0]
    return live


def _texts_of(kit: Mapping[str, Any]) -> set[str]:
    return {*kit.get("prompts", {}).values(), *kit.get("schemas", {}).values(), kit.get("toolset", "")}


def _batches(these: Sequence[str]) -> Iterator[Sequence[str]]:
    return (these[start : start + AT_ONCE] for start in range(0, len(these), AT_ONCE))


_OF_A_RUN: tuple[tuple[type[Base], InstrumentedAttribute[str]], ...] = (
    (ApprovalRow, ApprovalRow.workflow_id),
    (ModelCallRow, ModelCallRow.run),
    (BatchRequestRow, BatchRequestRow.run),
    (ToolCallRow, ToolCallRow.run),
    (InterventionRow, InterventionRow.run),
    (RefusedDecisionRow, RefusedDecisionRow.run),
    (KitRow, KitRow.run),
    (DeadLetterRow, DeadLetterRow.run),
    (ForkRow, ForkRow.run),
    (RunRow, RunRow.run),
)
_TURNS = select(TurnRow.head, TurnRow.parent, TurnRow.recorded_at)
_HEADS = select(ModelCallRow.run, ModelCallRow.head, ModelCallRow.parent)
_TEXTS = select(BlobRow.ref, BlobRow.recorded_at)
_REFS = select(ToolCallRow.run, ToolCallRow.ref)
_KITS = select(KitRow.run, KitRow.kit)
