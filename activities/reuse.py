"""An answer that a run already had, to a request that is the same to the letter and asks for no chance."""

from contracts.calls import ModelCall, Usage
from gateway.calls.call import Answer
from store.model_calls import ModelCalls
from store.transcripts import Transcripts


class EarlierAnswers:
    def __init__(self, ledger: ModelCalls, transcripts: Transcripts) -> None:
        self._ledger = ledger
        self._transcripts = transcripts

    async def to(self, call: ModelCall, request: str) -> Answer | None:
        """The answer of the same run and role to this request, for nothing; None where there was none yet.

        `request`: hash of all that is sent; empty where an answer may differ from the last one.
        """
        if not request:
            return None
        found = await self._ledger.answered_alike(call.site.run, call.role, request)
        if found is None:
            return None
        asked, reply = found
        content = tuple((await self._transcripts.read(reply.head))[-1]["content"])
        return Answer(
            content=content,
            text="".join(str(block["text"]) for block in content if block["type"] == "text"),
            tool_uses=reply.tool_uses,
            stop_reason=reply.stop_reason,
            model=reply.model,
            priced_as=asked,
            usage=Usage(),
            cost_usd=0.0,
            fallback=reply.fallback,
            instead_of=reply.instead_of,
            latency_s=0.0,
        )
