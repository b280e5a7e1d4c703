"""Calling a model: read the conversation by its head, ask the gateway, keep the new turn, enter it in the ledger."""

import json
from datetime import UTC, datetime

from temporalio import activity

from activities.failures import model_error
from activities.heartbeat import heartbeats
from activities.pinned import Pinned, Pins
from activities.turn import Message, folded, refs, user_turn
from contracts import names
from contracts.calls import ModelCall, ModelReply
from gateway.call import Answer, Call
from gateway.client import Gateway
from gateway.failures import GatewayError
from store.blobs import Blobs
from store.database import Database
from store.errors import BlobMissing
from store.model_calls import ModelCalls
from store.model_results import ModelResults
from store.transcripts import Transcripts, turn_of

# Free text is for people to read elsewhere; a structured answer is what the workflow decides by, so it comes whole.
PREVIEW = 300


class ModelActivities:
    """The `call_model` activity over the store and the gateway."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self._gateway = gateway
        self._pinned = Pinned(db)
        self._blobs = Blobs(db)
        self._transcripts = Transcripts(db)
        self._ledger = ModelCalls(db)
        self._results = ModelResults(db, self._transcripts)

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        """Think one turn. A call delivered again after it was answered gets that answer, and costs nothing."""
        recorded = await self._ledger.recorded(call.site.run, call.site.step)
        if recorded is not None:
            return recorded
        async with heartbeats():
            return await self._ask(call)

    async def _ask(self, call: ModelCall) -> ModelReply:
        pins = await self._pinned.of(call)
        texts = await self._texts(call, pins)
        turn = user_turn(call, texts)
        earlier = await self._transcripts.read(call.head)
        asked_at = datetime.now(UTC)
        try:
            answer = await self._gateway.complete(_to_gateway(call, pins, texts, [*earlier, turn]))
        except GatewayError as error:
            # The failure says it all; the client's own chain would pass Temporal's limit for one.
            raise model_error(error.failure) from None
        turns = [turn_of(call.head, [turn, {"role": "assistant", "content": list(answer.content)}])]
        if call.fold:
            turns.append(turn_of(turns[0].head, folded(earlier, answer.text, call.pinned), anew=True))
        reply = _reply(call, answer, turns[-1].head)
        return await self._results.keep(
            call, reply, turns, asked=answer.instead_of or answer.priced_as, latency_s=answer.latency_s, at=asked_at
        )

    async def _texts(self, call: ModelCall, pins: Pins) -> dict[str, str]:
        """The blobs that the call needs. BlobMissing where one isn't stored."""
        wanted = [*pins.refs, *refs(call)]
        texts = await self._blobs.get_all(wanted)
        for ref in wanted:
            if ref not in texts:
                raise BlobMissing(f"{call.site.step}: no text is stored under {ref!r}; has this worker another store?")
        return texts


def _to_gateway(call: ModelCall, pins: Pins, texts: dict[str, str], messages: list[Message]) -> Call:
    return Call(
        role=call.role,
        model=pins.model,
        system=texts[pins.prompt],
        messages=tuple(messages),
        tools=tuple(json.loads(texts[pins.toolset])) if pins.toolset else (),
        may_use_tools=not call.final,
        answer_schema=json.loads(texts[pins.schema]) if pins.schema else None,
        max_tokens=call.max_tokens,
        call_id=f"{call.site.run}/{call.site.step}",
        tags={"agent": call.site.agent, "entity": call.site.entity, "run": call.site.run},
    )


def _reply(call: ModelCall, answer: Answer, head: str) -> ModelReply:
    return ModelReply(
        head=head,
        text=answer.text if call.answer else answer.text[:PREVIEW],
        tool_uses=answer.tool_uses,
        stop_reason="" if answer.tool_uses else answer.stop_reason,
        model=answer.model,
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        fallback=answer.fallback,
        instead_of=answer.instead_of,
    )
