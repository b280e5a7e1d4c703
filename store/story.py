"""The story of a run from the farm's own records: what came in, was thought, done, asked and decided, in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter, computed_field

from contracts.approvals import ApprovalRecord
from contracts.calls import ModelReply, RunRecord, Usage
from contracts.frozen import Frozen
from contracts.steering import Intervention
from store.approvals import Approvals
from store.blobs import Blobs
from store.cache_savings import saved_by_caches
from store.database import Database
from store.interventions import Interventions
from store.model_calls import ModelCalls
from store.refused_decisions import RefusedDecision, RefusedDecisions
from store.runs import Runs
from store.tables import ModelCallRow, ToolCallRow
from store.tool_calls import ToolCalls


class EventMoment(Frozen):
    """An event that the run is about, as it was merged into it."""

    kind: Literal["event"] = "event"
    at: datetime
    event: dict[str, Any]


class ModelMoment(Frozen):
    """A model call. `reply.head` is the conversation with the answer in it."""

    kind: Literal["model"] = "model"
    at: datetime
    step: str
    role: str
    asked: str
    model: str
    usage: Usage
    cost_usd: float
    latency_s: float
    fallback: bool
    price_version: str = ""
    """Empty where no price is known."""

    cache_miss: str = ""
    """Why the vendor's cache gave less than the turn before had put there."""

    batch: bool = False
    """It went by a batch of the vendor's, at half the price."""

    cached: bool = False
    """Answered from an earlier identical call, for nothing."""

    reply: ModelReply


class ToolMoment(Frozen):
    """A tool call. `result` is the whole text that the model got; None where it is no longer stored."""

    kind: Literal["tool"] = "tool"
    at: datetime
    step: str
    server: str
    tool: str
    arguments: dict[str, Any]
    effect_key: str
    is_error: bool
    latency_s: float
    result: str | None


class AskedMoment(Frozen):
    """A person is asked."""

    kind: Literal["asked"] = "asked"
    at: datetime
    approval: ApprovalRecord


class DecidedMoment(Frozen):
    """A person has decided, or nobody did in time."""

    kind: Literal["decided"] = "decided"
    at: datetime
    approval: ApprovalRecord


class RefusedMoment(Frozen):
    """Somebody wanted to decide, and it didn't count."""

    kind: Literal["refused"] = "refused"
    at: datetime
    refused: RefusedDecision


class InterventionMoment(Frozen):
    """A person told the run something, held it, or let it go on."""

    kind: Literal["intervention"] = "intervention"
    at: datetime
    intervention: Intervention


class SubRunMoment(Frozen):
    """A sub-agent's run began; it has a story of its own."""

    kind: Literal["sub_run"] = "sub_run"
    at: datetime
    run: RunRecord
    cost_usd: float


Moment = Annotated[
    EventMoment
    | ModelMoment
    | ToolMoment
    | AskedMoment
    | DecidedMoment
    | RefusedMoment
    | InterventionMoment
    | SubRunMoment,
    Field(discriminator="kind"),
]


class Story(Frozen):
    """A run and its moments, oldest first. `model_dump_json()` is what `--json` prints."""

    run: RunRecord
    moments: tuple[Moment, ...]
    cost_usd: float
    """Of the model calls on record, in US dollars, sub-agents' included."""

    usage: Usage
    """Sub-agents' included."""

    cache_saved_usd: float = 0.0
    """Against the same tokens without a cache, of the calls whose price is on record; sub-agents' included."""

    @computed_field
    def cache_hit_rate(self) -> float:
        """The share of what was sent to models that their vendors had in their caches."""
        return round(self.usage.cache_hit_rate, 4)


async def runs_matching(db: Database, name: str) -> Sequence[RunRecord]:
    """Runs by what a person calls them: `sales:deal:42/run-1`, `sales:deal:42` or `deal:42`. The newest first."""
    return await Runs(db).matching(name)


async def story(db: Database, run: str) -> Story | None:
    """The story of one run by its workflow id; None where no such run is on record."""
    record = await Runs(db).get(run)
    if record is None:
        return None
    thought = await ModelCalls(db).of_run(run)
    done = await ToolCalls(db).of_run(run)
    results = await Blobs(db).get_all({call.ref for call in done})
    used = await ModelCalls(db).used(run)
    moments: list[Moment] = [
        *(_event(event, record) for event in record.events),
        *(_thought(call) for call in thought),
        *(_done(call, results) for call in done),
        *(moment for approval in await Approvals(db).of_run(run) for moment in _asked(approval)),
        *(RefusedMoment(at=each.at, refused=each) for each in await RefusedDecisions(db).of_run(run)),
        *(InterventionMoment(at=each.at, intervention=each) for each in await Interventions(db).of_run(run)),
        *[await _sub_run(db, began_at, each) for began_at, each in await Runs(db).below(run)],
    ]
    return Story(
        run=record,
        moments=tuple(sorted(moments, key=lambda moment: moment.at)),
        cost_usd=used.cost_usd,
        usage=used.usage,
        cache_saved_usd=await saved_by_caches(db, run),
    )


async def _sub_run(db: Database, at: datetime, run: RunRecord) -> SubRunMoment:
    return SubRunMoment(at=at, run=run, cost_usd=(await ModelCalls(db).used(run.run)).cost_usd)


def _event(event: dict[str, Any], run: RunRecord) -> EventMoment:
    return EventMoment(at=_WHEN.validate_python(event.get("occurred_at", run.at)), event=event)


_WHEN: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def _thought(call: ModelCallRow) -> ModelMoment:
    paid = ("cost_usd", "price_version", "cache_miss", "batch", "cached")
    same = ("at", "step", "role", "asked", "model", "latency_s", "fallback", "reply", *paid)
    return ModelMoment.model_validate({name: getattr(call, name) for name in same} | {"usage": usage_of(call)})


def usage_of(call: ModelCallRow) -> Usage:
    return Usage(**{name: getattr(call, name) for name in Usage.model_fields})


def _done(call: ToolCallRow, results: dict[str, str]) -> ToolMoment:
    same = ("at", "step", "server", "tool", "arguments", "effect_key", "is_error", "latency_s")
    return ToolMoment.model_validate({name: getattr(call, name) for name in same} | {"result": results.get(call.ref)})


def _asked(approval: ApprovalRecord) -> list[AskedMoment | DecidedMoment]:
    asked = AskedMoment(at=approval.request.asked_at, approval=approval)
    if approval.decided_at is None:
        return [asked]
    return [asked, DecidedMoment(at=approval.decided_at, approval=approval)]
