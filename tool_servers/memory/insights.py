"""The memory as its tools answer: facts in, facts out, as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from store.memory import Fact, Memory
from store.timeline import Insight

TOLD = {"id", "subject", "fact", "confidence", "valid_from", "valid_to", "source_event", "run"}


class Insights:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def recall(self, entity: str, query: str, as_of: datetime | None) -> dict[str, Any]:
        as_of = as_of or datetime.now(UTC)
        facts = await self._memory.recall(entity, query, as_of)
        return {"entity": entity, "as_of": as_of.isoformat(), "facts": [_told(fact) for fact in facts]}

    async def remember(
        self, entity: str, facts: Sequence[Fact], source_event: str, run: str, key: str
    ) -> dict[str, Any]:
        ids = await self._memory.remember(entity, facts, source_event=source_event, run=run, key=key)
        return {"entity": entity, "ids": ids}


def _told(fact: Insight) -> dict[str, Any]:
    return fact.model_dump(mode="json", include=TOLD, exclude_none=True)
