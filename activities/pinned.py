"""What a model call names, found in its run's kit: the call says `triage`, the kit by which hash its words are kept."""

from dataclasses import dataclass

from temporalio import activity

from contracts.agents import Kit
from contracts.calls import ModelCall
from store.database import Database
from store.errors import KitMissing
from store.kits import Kits
from store.recent import Recent

KITS = 200
"""Kits that a process remembers: more than it has runs at work at once."""


@dataclass(frozen=True)
class Pins:
    """Blob hashes: empty where the call wants no tools, or an answer in free text. And the chosen model."""

    prompt: str
    toolset: str
    schema: str
    model: str = ""

    @property
    def refs(self) -> list[str]:
        return [ref for ref in (self.prompt, self.toolset, self.schema) if ref]


class Pinned:
    """The kits of runs, each read once.

    A run that failed is tried again under its own name and with a new kit. So a kit is remembered by the history that
    had it pinned: in that one its pinning is over before the first call, and it never changes.
    """

    def __init__(self, db: Database) -> None:
        self._kits = Kits(db)
        self._recent: Recent[Kit] = Recent(KITS, size=lambda _: 1)

    async def of(self, call: ModelCall) -> Pins:
        """KitMissing where the run has no kit in this store, or the kit hasn't what the call names."""
        kit = await self._kit(call)
        return Pins(
            prompt=_named(call, "prompt", call.prompt, kit.prompts),
            toolset=kit.toolset if call.tools else "",
            schema=_named(call, "schema", call.answer, kit.schemas) if call.answer else "",
            model=kit.models.get(call.role, ""),
        )

    async def _kit(self, call: ModelCall) -> Kit:
        history = f"{call.site.run} {activity.info().workflow_run_id}"
        known = self._recent.get(history)
        if known is None:
            recorded = await self._kits.of_run(call.site.run)
            if recorded is None:
                told = f"no kit is stored of {call.site.run}; has this worker another store?"
                raise KitMissing(f"{call.site.step}: {told}")
            known = recorded.kit
        self._recent.add(history, known)
        return known


def _named(call: ModelCall, what: str, name: str, there_are: dict[str, str]) -> str:
    if name not in there_are:
        known = ", ".join(sorted(there_are)) or "none"
        raise KitMissing(f"{call.site.step}: the kit of {call.site.run} has no {what} {name!r}; it has: {known}")
    return there_are[name]
