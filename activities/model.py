"""Calling a model: read the conversation by its head, ask the gateway, keep the new turn, enter it in the ledger."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from temporalio import activity

from activities.caching import UNWANTED, cache_miss
from activities.failures import model_error
from activities.heartbeat import heartbeats
from activities.pinned import Pinned, Pins
from activities.reuse import EarlierAnswers
from activities.suspicion import suspicion
from activities.turn import Message, folded, refs, user_turn
from contracts import names
from contracts.calls import ModelCall, ModelReply, Usage
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from store.blobs import Blobs
from store.chain import Turn
from store.database import Database
from store.errors import BlobMissing
from store.model_calls import Bill, ModelCalls
from store.model_results import ModelResults
from store.transcripts import Transcripts, turn_of
from telemetry import batched

log = logging.getLogger(__name__)

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
        self._earlier = EarlierAnswers(self._ledger, self._transcripts)
        self._results = ModelResults(db, self._transcripts)

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        """Think one turn. A call delivered again after it was answered gets that answer, and costs nothing."""
        recorded = await self._ledger.recorded(call.site.run, call.site.step)
        if recorded is not None:
            await self._show(call)
            return recorded
        news = partial(self._gateway.listening.told, call_id(call))
        async with heartbeats(f"{call.role} to answer {call.site.step}", news):
            return await self._ask(call)

    async def _ask(self, call: ModelCall) -> ModelReply:
        ready = await self.made_ready(call)
        asked_at = datetime.now(UTC)
        request = "" if call.fold else self._gateway.repeatable(ready.asked)
        if (same := await self._earlier.to(call, request)) is not None:
            reply, turns = ready.answered(same)
            bill = Bill(cached=True, request=request)
            return await self._results.keep(
                call, reply, turns, asked=same.priced_as, latency_s=0.0, at=asked_at, bill=bill
            )
        try:
            answer = await self._gateway.complete(ready.asked)
        except GatewayError as error:
            # The failure says it all; the client's own chain would pass Temporal's limit for one.
            raise model_error(error.failure) from None
        reply, turns = ready.answered(answer)
        missed = await self._missed(ready, answer, reply, asked_at)
        bill = bill_of(answer, cache_miss=missed).model_copy(update={"request": request})
        return await self._results.keep(
            call,
            reply,
            turns,
            asked=answer.instead_of or answer.priced_as,
            latency_s=answer.latency_s,
            at=asked_at,
            bill=bill,
        )

    async def _show(self, call: ModelCall) -> None:
        """The trace has a call that went by a batch, too: the run takes its answer here."""
        if row := await self._ledger.by_batch(call.site.run, call.site.step):
            batched.show(
                batched.Batched(
                    step=row.step,
                    role=row.role,
                    model=row.asked,
                    answered_by=row.model,
                    tokens={name: getattr(row, name) for name in Usage.model_fields},
                    cost_usd=row.cost_usd,
                    asked_at=row.at,
                    latency_s=row.latency_s,
                    said=row.reply["text"],
                )
            )

    async def made_ready(self, call: ModelCall) -> "Ready":
        """The call with all its words. Raises a StoreError where one of them isn't there."""
        pins = await self._pinned.of(call)
        texts = await self._texts(call, pins)
        turn = user_turn(call, texts)
        earlier = await self._transcripts.read(call.head)
        asked = _to_gateway(call, pins, texts, [*earlier, turn])
        return Ready(call, tuple(earlier), turn, asked, suspicion(call, texts, earlier))

    async def _missed(self, ready: "Ready", answer: Answer, reply: ModelReply, at: datetime) -> str:
        """Why the vendor's cache didn't give what it should have; empty where it did."""
        call = ready.call
        before = await self._ledger.before(call)
        missed = cache_miss(before, answer.header, reply, call.role, at, on=ready.asked.goes_on)
        if missed in UNWANTED:
            site = call.site
            log.warning("%s of %s: the vendor's cache of the conversation was lost: %s", site.step, site.run, missed)
        return missed

    async def _texts(self, call: ModelCall, pins: Pins) -> dict[str, str]:
        """The blobs that the call needs. BlobMissing where one isn't stored."""
        wanted = [*pins.refs, *refs(call)]
        texts = await self._blobs.get_all(wanted)
        for ref in wanted:
            if ref not in texts:
                raise BlobMissing(f"{call.site.step}: no text is stored under {ref!r}; has this worker another store?")
        return texts


@dataclass(frozen=True)
class Ready:
    """A call with its words: what the gateway is asked, and the conversation of which that is the newest turn."""

    call: ModelCall
    earlier: Sequence[Message]
    turn: Message
    asked: Call
    suspicious: str = ""

    def answered(self, answer: Answer) -> tuple[ModelReply, list[Turn]]:
        """The reply, and the turns that it leaves in the store."""
        turns = [turn_of(self.call.head, [self.turn, {"role": "assistant", "content": list(answer.content)}])]
        if self.call.fold:
            turns.append(turn_of(turns[0].head, folded(self.earlier, answer.text, self.call.pinned), anew=True))
        return _reply(self.call, answer, turns[-1].head, self.suspicious), turns


def _to_gateway(call: ModelCall, pins: Pins, texts: dict[str, str], messages: list[Message]) -> Call:
    return Call(
        role=call.role,
        model=call.model or pins.model,
        system=texts[pins.prompt],
        messages=tuple(messages),
        tools=tuple(json.loads(texts[pins.toolset])) if pins.toolset else (),
        may_use_tools=not call.final,
        answer_schema=json.loads(texts[pins.schema]) if pins.schema else None,
        max_tokens=call.max_tokens,
        call_id=call_id(call),
        tags={"agent": call.site.agent, "entity": call.site.entity, "run": call.site.run},
    )


def call_id(call: ModelCall) -> str:
    """The same for every attempt of it."""
    return f"{call.site.run}/{call.site.step}"


def bill_of(answer: Answer, *, cache_miss: str = "", batch: bool = False) -> Bill:
    """How an answer was paid, as the ledger has it."""
    return Bill(
        rates=answer.rates,
        cache_write_1h_tokens=answer.cache_write_1h_tokens,
        header=answer.header,
        cache_miss=cache_miss,
        batch=batch,
    )


def _reply(call: ModelCall, answer: Answer, head: str, suspicious: str) -> ModelReply:
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
        taken_out=answer.taken_out,
        suspicious=suspicious,
    )
