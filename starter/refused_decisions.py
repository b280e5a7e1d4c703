"""Decisions that didn't count, written down; that this can't be done just now is nobody's trouble but the log's."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from contracts.approvals import Decision
from starter.decisions import NOT_NOW

log = logging.getLogger(__name__)

PATIENCE_S = 5.0


class Refusals(Protocol):
    """The part of `store.refused_decisions.RefusedDecisions` that is used here."""

    async def record(self, run: str, decision: Decision, reason: str, at: datetime) -> None: ...


class RefusedBook:
    """For whichever door a decision came by."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    async def write(self, run: str, decision: Decision, reason: str) -> None:
        """Write a refusal down. One because nobody could be asked just now is none."""
        if reason == NOT_NOW:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._refusals.record(run, decision, reason, datetime.now(UTC))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("refusal of %s by %s not recorded: %s", decision.approval, decision.by, type(error).__name__)
