"""The tables. Each belongs to the module of its name; nothing else writes to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, MetaData, String, UniqueConstraint, false, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.columns import Counter, Json, Prose, Usd, UtcDateTime

HASH = String(64)
"""`canonical.content_hash`: 32 characters."""

_UNDELIVERED = text("delivered_at IS NULL")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}


class BlobRow(Base):
    __tablename__ = "blobs"

    ref: Mapped[str] = mapped_column(HASH, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    """When it was put last, to within `blobs.FRESH`."""


class TurnRow(Base):
    """One link of the hash chain. The root's parent is empty."""

    __tablename__ = "turns"

    head: Mapped[str] = mapped_column(HASH, primary_key=True)
    parent: Mapped[str] = mapped_column(HASH)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]


class ModelCallRow(Base):
    """`price_version`: by which price it is paid, empty for none that is known.

    `cache_write_1h_tokens`: of the written ones those kept for an hour. `cached`: answered from an earlier identical
    call. `header`: hash of what was sent ahead of the conversation. `cache_miss`: why the vendor didn't read the
    conversation from its cache, though the turn before had put it there. `request`: hash of all that was sent, where
    the same request has the same answer.
    """

    __tablename__ = "model_calls"
    __table_args__ = (Index(None, "entity"), Index(None, "agent", "at"), Index(None, "at"))

    run: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entity: Mapped[str]
    role: Mapped[str]
    asked: Mapped[str]
    model: Mapped[str]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cache_read_tokens: Mapped[int]
    cache_write_tokens: Mapped[int]
    cost_usd: Mapped[float] = mapped_column(Usd)
    latency_s: Mapped[float]
    fallback: Mapped[bool]
    parent: Mapped[str] = mapped_column(HASH)
    head: Mapped[str] = mapped_column(HASH)
    reply: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    cache_write_1h_tokens: Mapped[int] = mapped_column(server_default="0")
    batch: Mapped[bool] = mapped_column(server_default=false())
    cached: Mapped[bool] = mapped_column(server_default=false())
    price_version: Mapped[str] = mapped_column(server_default="")
    header: Mapped[str] = mapped_column(server_default="")
    cache_miss: Mapped[str] = mapped_column(server_default="")
    request: Mapped[str] = mapped_column(server_default="")


class PriceRow(Base):
    """What a model's tokens cost, as a call was priced by it. Never altered; `rates` as `contracts.prices.Rates`."""

    __tablename__ = "prices"

    version: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    rates: Mapped[dict[str, Any]]
    first_seen: Mapped[datetime]


class BatchRow(Base):
    """Written before the vendor is asked. `tried_at`: when it was last about to be sent; what came of that isn't known
    while `vendor_id` is empty.
    """

    __tablename__ = "batches"
    __table_args__ = (Index(None, "vendor_id"), Index(None, "agent", "over_at"))

    token: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    vendor_id: Mapped[str]
    requests: Mapped[int]
    begun_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Prose)


class BatchRequestRow(Base):
    """state: waiting, in_batch, answered (its ledger row is of the same transaction), failed (goes by itself),
    withdrawn. `told` is empty where nobody waits any more. `model`: which was asked, and the price of it then.
    """

    __tablename__ = "batch_requests"
    __table_args__ = (Index(None, "agent", "state"), Index(None, "token"))

    run: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    call: Mapped[dict[str, Any]]
    told: Mapped[str]
    state: Mapped[str]
    token: Mapped[str]
    custom_id: Mapped[str]
    model: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(Prose)
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ToolCallRow(Base):
    __tablename__ = "tool_calls"
    __table_args__ = (Index(None, "entity"),)

    run: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entity: Mapped[str]
    server: Mapped[str]
    tool: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    effect_key: Mapped[str]
    ref: Mapped[str] = mapped_column(HASH)
    is_error: Mapped[bool]
    reply: Mapped[dict[str, Any]]
    latency_s: Mapped[float]
    at: Mapped[datetime]


class EffectRow(Base):
    """state: pending, done, failed (known not to have happened), in_doubt, or skipped (a person left it so).

    `attempt` counts who was let in. `rulings` are the approvals that have let one in, each once. `settled_by`: who or
    what told how it ended, where that wasn't the call itself.
    """

    __tablename__ = "effects"
    __table_args__ = (Index(None, "run"), Index(None, "state"))

    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    call: Mapped[dict[str, Any]]
    run: Mapped[str]
    reply: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(Prose)
    attempt: Mapped[int] = mapped_column(server_default="1")
    rulings: Mapped[list[Any]] = mapped_column(server_default="[]")
    settled_by: Mapped[str] = mapped_column(server_default="")
    begun_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ToolLedgerRow(Base):
    """Unfinished and leased no longer: left in doubt by who held it."""

    __tablename__ = "tool_ledger"

    server: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    leased_until: Mapped[datetime]
    result: Mapped[dict[str, Any] | None]
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class OwnWriteRow(Base):
    """One value that a tool server is about to write, for the door to know it by.

    `taken_by`: the event that told of it. While that is empty it waits for one, until `expires_at`.
    """

    __tablename__ = "own_writes"
    __table_args__ = (Index(None, "about", "at"), Index(None, "key"), Index(None, "at"))

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    about: Mapped[str]
    name: Mapped[str]
    value: Mapped[str] = mapped_column(HASH)
    key: Mapped[str]
    run: Mapped[str]
    hop: Mapped[int]
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    taken_by: Mapped[str]


class RunRow(Base):
    __tablename__ = "runs"
    __table_args__ = (Index(None, "entity", "started_at"), Index(None, "agent", "started_at"))

    run: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entity: Mapped[str]
    status: Mapped[str]
    phase: Mapped[str]
    started_at: Mapped[datetime]
    at: Mapped[datetime]
    trace_id: Mapped[str]
    reason: Mapped[str] = mapped_column(Prose)
    cost_usd: Mapped[float] = mapped_column(Usd)
    events: Mapped[list[Any]]
    report: Mapped[dict[str, Any]]


class DeadLetterRow(Base):
    """state: waiting, redriven or dropped. `by`: who settled it."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index(None, "state", "at"),)

    run: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entity: Mapped[str]
    events: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Prose)
    at: Mapped[datetime]
    state: Mapped[str]
    by: Mapped[str]
    settled_at: Mapped[datetime | None]


class KitRow(Base):
    """What a run worked with, and what it was asked: enough to run it again with the words of then."""

    __tablename__ = "kits"

    run: Mapped[str] = mapped_column(primary_key=True)
    kit: Mapped[dict[str, Any]]
    job: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]


class ForkRow(Base):
    """A run made again from one of its turns. Its steps are on record under its own name, like any run's."""

    __tablename__ = "forks"
    __table_args__ = (UniqueConstraint("run"), Index(None, "origin"))

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    run: Mapped[str]
    origin: Mapped[str]
    wish: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]


class KeptRow(Base):
    """A run that somebody wants to keep, under the name of a set: the sweep leaves it alone."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str] = mapped_column(primary_key=True)
    kept_at: Mapped[datetime]


class ApprovalRow(Base):
    """An approval as it stands now."""

    __tablename__ = "approvals"
    __table_args__ = (Index(None, "workflow_id"), Index(None, "status", "expires_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    agent: Mapped[str]
    entity: Mapped[str]
    status: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    record: Mapped[dict[str, Any]]


class ApprovalHistoryRow(Base):
    """Every record of an approval as it was written, once each. Only ever added to."""

    __tablename__ = "approval_history"
    __table_args__ = (UniqueConstraint("approval", "content"),)

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    approval: Mapped[str]
    content: Mapped[str] = mapped_column(HASH)
    record: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]


class PolicyRow(Base):
    """An agent's policy as a worker brought it, each content once. `last_seen`: when a worker last began with it."""

    __tablename__ = "policies"
    __table_args__ = (Index(None, "agent", "last_seen"),)

    agent: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    content: Mapped[dict[str, Any]]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]


class ChosenModelRow(Base):
    """Somebody gave a role to a model; an empty one, back to the gateway's own. Only ever added to: the newest holds.

    `before`: the `model` of the role's choice before it.
    """

    __tablename__ = "chosen_models"
    __table_args__ = (Index(None, "role", "number"),)

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    role: Mapped[str]
    model: Mapped[str]
    before: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class StandingConsentRow(Base):
    """Calls of one kind that a person allowed beforehand. `entity`: empty for every one."""

    __tablename__ = "standing_consents"
    __table_args__ = (Index(None, "agent", "tool"),)

    approval: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    entity: Mapped[str]
    tool: Mapped[str]
    rule: Mapped[str]
    until: Mapped[date]
    by: Mapped[str]
    channel: Mapped[str]
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str]


class InterventionRow(Base):
    """kind: steer, pause or resume."""

    __tablename__ = "interventions"

    run: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    by: Mapped[str]
    text: Mapped[str] = mapped_column(Prose)
    at: Mapped[datetime]


class RefusedDecisionRow(Base):
    __tablename__ = "refused_decisions"
    __table_args__ = (Index(None, "run"),)

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    run: Mapped[str]
    approval: Mapped[str]
    by: Mapped[str]
    channel: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(Prose)
    at: Mapped[datetime]


class DoorRow(Base):
    __tablename__ = "door"
    __table_args__ = (Index(None, "entity", "at"), Index(None, "at"), Index(None, "source", "event_id"))

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    source: Mapped[str]
    event_id: Mapped[str]
    entity: Mapped[str]
    event: Mapped[dict[str, Any]]
    outcome: Mapped[str]
    reason: Mapped[str] = mapped_column(Prose)
    agent: Mapped[str]
    workflow_id: Mapped[str]
    at: Mapped[datetime]


class ReceiptRow(Base):
    """Temporal has this event for this agent. Swept when no source can still send it again."""

    __tablename__ = "receipts"
    __table_args__ = (Index(None, "at"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    at: Mapped[datetime]


class InboxRow(Base):
    """The spool: an event accepted while Temporal couldn't take it. Undelivered while `delivered_at` is null.

    `not_before`: nobody takes the row earlier, for somebody is at it, or the last try failed just now.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "event_id", "agent"),
        Index("ix_inbox_waiting", "workflow_id", "number", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
        Index("ix_inbox_undelivered", "number", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
        Index(None, "delivered_at"),
    )

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    source: Mapped[str]
    event_id: Mapped[str]
    agent: Mapped[str]
    entity: Mapped[str]
    workflow_id: Mapped[str]
    event: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    tries: Mapped[int]
    last_error: Mapped[str] = mapped_column(Prose)
    not_before: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class QuarantineRow(Base):
    """state: waiting (for a person), redriven or dropped. `body` is compressed with zlib."""

    __tablename__ = "quarantine"
    __table_args__ = (Index(None, "state"),)

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    source: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str]
    reason: Mapped[str] = mapped_column(Prose)
    received_at: Mapped[datetime]
    state: Mapped[str]
    by: Mapped[str]
    settled_at: Mapped[datetime | None]


class InsightRow(Base):
    """A fact as it was learnt. Only `undone_at` is ever changed: when it ended follows from the facts after it."""

    __tablename__ = "insights"
    __table_args__ = (Index(None, "entity", "subject"), UniqueConstraint("id"))

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    id: Mapped[str]
    entity: Mapped[str]
    subject: Mapped[str] = mapped_column(Prose)
    fact: Mapped[str] = mapped_column(Prose)
    confidence: Mapped[float]
    valid_from: Mapped[datetime]
    recorded_at: Mapped[datetime]
    source_event: Mapped[str]
    run: Mapped[str]
    undone_at: Mapped[datetime | None]
