"""What becomes of an effect beside its own call: nobody tries any more, or a person has said what happened."""

from datetime import UTC, datetime

from temporalio import activity

from activities.answers import PREVIEW
from contracts import names
from contracts.calls import Settlement, ToolCall, ToolReply
from store.database import Database
from store.effects import Effects, Ending
from store.tool_results import ToolResults


class SettlingActivities:
    """The `settle_effect` activity: a short write, and a local activity like the other records."""

    def __init__(self, db: Database) -> None:
        self._effects = Effects(db)
        self._results = ToolResults(db)

    @activity.defn(name=names.SETTLE_EFFECT)
    async def settle_effect(self, settlement: Settlement) -> ToolReply:
        """Enter it in the journal, and say what the run is to be told."""
        call, by = settlement.call, settlement.by
        on_record = f"{by}, approval {settlement.approval}"
        match settlement.outcome:
            case "unknown":
                return await self._given_up(call, settlement.reason)
            case "happened":
                text = f"This call was interrupted. {by} looked, and says that it happened. It was not made again."
                ending = Ending("done", reason=settlement.reason, by=on_record)
                return await self._keep(call, text, ending, is_error=False)
            case "skipped":
                text = f"This call was interrupted, and whether it happened is not known. {by} said to leave it so."
                ending = Ending("skipped", reason=settlement.reason, by=on_record)
                return await self._keep(call, text, ending, is_error=True)

    async def _given_up(self, call: ToolCall, reason: str) -> ToolReply:
        stands = await self._effects.give_up(call.effect_key, reason)
        if stands.reply is not None:
            return stands.reply
        doubt = stands.state == "in_doubt"
        known = "Whether it happened is not known." if doubt else "It was not done."
        return await self._keep(call, f"{reason}. {known}", None, is_error=True, in_doubt=doubt)

    async def _keep(
        self, call: ToolCall, text: str, ending: Ending | None, *, is_error: bool, in_doubt: bool = False
    ) -> ToolReply:
        reply = ToolReply(ref="", preview=text[:PREVIEW], is_error=is_error, in_doubt=in_doubt)
        return await self._results.keep(call, text, reply, at=datetime.now(UTC), ending=ending)
