"""A scripted farm whose records are real: what the page shows is in the store."""

import json
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.records import RecordActivities
from contracts import names
from contracts.agents import Kit, PrepareRun
from contracts.calls import ModelCall, ModelReply, ToolCall, ToolReply
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.model_calls import ModelCalls
from store.tool_calls import ToolCalls
from store.transcripts import Transcripts
from tests.fakes import FakeFarm

SEND_MAIL = {
    "name": "crm__send_mail",
    "description": "Send a mail.",
    "input_schema": {
        "type": "object",
        "properties": {
            "deal_id": {"type": "integer"},
            "to": {"type": "string", "minLength": 3, "description": "Whom it goes to"},
            "subject": {"type": "string"},
            "body": {"type": "string", "maxLength": 5000},
        },
        "required": ["deal_id", "to", "subject", "body"],
    },
}


class RecordingFarm(FakeFarm):
    """Thinks and acts by its script, and writes down what it did."""

    def __init__(self, db: Database, script: dict[str, list[ModelReply | Exception]]) -> None:
        super().__init__(script)
        self._db = db
        self._records = RecordActivities(db)
        self._transcripts = Transcripts(db)

    @activity.defn(name=names.PREPARE_RUN)
    async def prepare_run(self, request: PrepareRun) -> Kit:
        kit = await super().prepare_run(request)
        kit = kit.model_copy(update={"toolset": await Blobs(self._db).put(json.dumps([SEND_MAIL]))})
        await Kits(self._db).record(request.run, kit, request.job)
        return kit

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        reply = await super().call_model(call)
        said = reply.text or ", ".join(use.name for use in reply.tool_uses)
        turn = [{"role": "user", "content": call.site.step}, {"role": "assistant", "content": said}]
        reply = reply.model_copy(update={"head": await self._transcripts.append(call.head, turn)})
        now = datetime.now(UTC)
        return await ModelCalls(self._db).record(call, reply, asked=call.role, latency_s=2.5, at=now)

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        reply = await super().call_tool(call)
        reply = reply.model_copy(update={"ref": await Blobs(self._db).put("<b>a stranger's words</b>")})
        await ToolCalls(self._db).record(call, reply, latency_s=0.8, at=datetime.now(UTC))
        return reply

    @property
    def activities(self) -> list[Any]:
        own = [self.prepare_run, self.call_model, self.call_tool, self.settle_effect, self.raise_alarm]
        return [*own, *self._records.all]
