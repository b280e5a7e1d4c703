"""What an agent declares about itself. An agent is one folder; this is its first file's content."""

import hashlib
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from contracts.events import EntityRef, Event
from contracts.frozen import Frozen, Lasting
from contracts.guards import Guards
from contracts.names import FORK_PREFIX
from contracts.policy import ApprovalPolicy

LONGEST_SHARE_KEY = 64
"""Bytes of a fairness key that Temporal takes."""


class Debounce(Lasting):
    """When a window of events becomes a run: after a quiet period, at the latest after `longest`, or when full."""

    quiet: timedelta = timedelta(seconds=20)
    longest: timedelta = timedelta(minutes=5)
    most: int = Field(default=100, ge=1)


class Batching(Lasting):
    """When requests that aren't urgent go to a model's vendor together: after a quiet period, at the latest after
    `longest`, or when there are `most` of them. The vendor then takes up to a day.
    """

    quiet: timedelta = timedelta(minutes=2)
    longest: timedelta = timedelta(minutes=15)
    most: int = Field(default=100, ge=1, le=1000)


class Breaker(Lasting):
    """How often one entity may run before it is stopped and a person is asked: more than anybody's work explains."""

    runs: int = Field(default=20, ge=1)
    within: timedelta = timedelta(hours=1)


class Limits(Lasting):
    """Where a run stops and asks. Money in US dollars."""

    turns: int = Field(default=20, ge=1)
    cost_usd: float = Field(default=1.0, gt=0)
    tokens: int = Field(default=2_000_000, ge=1)
    """Read and written, cached ones too."""

    working_time: timedelta = timedelta(hours=2)
    """Time in which the run isn't waiting for a person."""

    answer_repairs: int = Field(default=2, ge=0)
    """How often a structured answer that doesn't validate goes back to the model."""

    conversation_tokens: int = Field(default=150_000, ge=1)
    """A conversation this long goes on from a summary. Keep it well below the smallest window of its role's models."""

    sub_agents: int = Field(default=4, ge=1)
    """Sub-agents of a run at work at once."""


class Delegate(Frozen):
    """A sub-agent that a model may give a task to. It runs in its own pool, paid from the asking run's budget."""

    agent: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    run_workflow: str
    use_for: str
    """Told to the model: what to ask it, and what it answers."""

    limits: Limits = Limits(turns=10, cost_usd=0.2, tokens=200_000, working_time=timedelta(minutes=20))
    """The most that one task may use; less where the asking run has less left. It is held back while the task is done,
    so a limit as high as the asking run's leaves nothing for a second task beside it.
    """


class Subscription(Frozen):
    """What an agent listens to: a source and a kind of event, by shell pattern."""

    source: str
    kinds: tuple[str, ...]
    entity: str
    hears_farm: bool = False
    """Also what another agent of the farm wrote. Its own writes an agent never hears."""

    def takes(self, event: Event) -> bool:
        return (
            fnmatchcase(event.source, self.source)
            and fnmatchcase(event.entity.kind, self.entity)
            and any(fnmatchcase(event.kind, pattern) for pattern in self.kinds)
        )


class News(Subscription):
    """Of what an agent listens to, what it treats otherwise: by source, kind and, where they say it, field values."""

    changes: dict[str, str] = Field(default={}, examples=[{"status": "lost"}])
    """Field -> its new value, by shell pattern. All must have changed so; none where the kind alone says it."""

    def takes(self, event: Event) -> bool:
        return super().takes(event) and all(
            field in event.changes and fnmatchcase(str(event.changes[field].new), pattern)
            for field, pattern in self.changes.items()
        )


class Awaited(Frozen):
    """What an agent can wait for beside a date. A model names it, and whichever comes first ends the wait."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$", examples=["reply"])
    means: str = Field(max_length=100, examples=["the client wrote"])
    """Told to the model, to the run that starts when it has come, and to whoever looks."""

    news: tuple[News, ...] = Field(min_length=1)
    is_answer: bool = False
    """A chain of reminders stops at it, whether the model named it or not."""

    def takes(self, event: Event) -> bool:
        return any(each.takes(event) for each in self.news)


class Share(Frozen):
    """How an agent's pool is shared where more is to do than it can: each entity, or each tenant, in turn.

    The figures bound its model and tool calls in a second, over all its workers; None for no bound. Temporal keeps to
    them and to the turns: https://docs.temporal.io/develop/task-queue-priority-fairness
    """

    by: Literal["entity", "tenant"] = "entity"
    calls_per_second: float | None = Field(default=None, gt=0)
    calls_per_second_each: float | None = Field(default=None, gt=0)

    def key(self, event: Event) -> str:
        """In whose turn the work for an event is done. An event that tells no tenant goes by its entity."""
        whose = event.tenant if self.by == "tenant" and event.tenant else str(event.entity)
        name = whose.encode()
        return whose if len(name) <= LONGEST_SHARE_KEY else hashlib.sha256(name).hexdigest()


class Schedule(Frozen):
    """An event that comes by the clock. The stack makes a Temporal Schedule of each, and keeps it as it is declared."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", examples=["weekly-review"])
    cron: str = Field(examples=["0 8 * * MON-FRI"])
    """As Temporal reads it, in the agent's time zone: https://docs.temporal.io/schedule#spec"""

    entity: EntityRef
    """What the event is about; its workflow is started where there is none."""

    summary: str = Field(max_length=500)
    """What the agent is told."""


def _no_forks(name: str) -> str:
    """A run's name tells its agent, and `fork-3:sales:deal:42/run-1` is a run of sales."""
    if name.startswith(FORK_PREFIX):
        raise ValueError(f"an agent's name doesn't begin with {FORK_PREFIX}: so do the names of forks")
    return name


class AgentSpec(Frozen):
    """An agent's declaration: everything about it that isn't code or prose."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$"), AfterValidator(_no_forks)]
    run_workflow: str
    entity_workflow: str = ""
    """Empty for an agent that only works for others: nothing comes in for it by itself."""

    listens: tuple[Subscription, ...] = ()
    urgent: tuple[News, ...] = ()
    """What cuts the quiet period short. What waits already goes with it, and what belongs to it and comes later
    doesn't: so none that is usually the first of a burst.
    """

    interrupts: tuple[News, ...] = ()
    """What a run that is under way hears before it does anything more, instead of the next run."""

    awaits: tuple[Awaited, ...] = ()
    """What a follow-up may wait for beside its date."""

    ends_waits: tuple[News, ...] = ()
    """What calls every follow-up off, whatever it waits for: there is nothing more to look at."""

    schedules: tuple[Schedule, ...] = ()
    tool_servers: tuple[str, ...]
    delegates: tuple[Delegate, ...] = ()
    roles: tuple[str, ...] = ()
    """What it asks models for, by role: told to whoever wants to change a role's model."""

    summary_role: str = "triage"
    """The cheap role that sums a long conversation up."""

    debounce: Debounce = Debounce()
    batching: Batching | None = Batching()
    """How what isn't urgent is gathered, where a role's vendor takes batches; None: each request goes by itself."""

    share: Share = Share()
    breaker: Breaker = Breaker()
    most_hops: int = Field(default=3, ge=1)
    """News that is further than this from a person is put aside for one: agents answer each other."""

    limits: Limits = Limits()
    policy: ApprovalPolicy = ApprovalPolicy()
    guards: Guards = Guards()
    """What may leave for a model, and how much of it."""

    time_zone: str = "Europe/Paris"
    """IANA name. A follow-up date means nine o'clock there, unless it says another time or another place."""

    def is_urgent(self, event: Event) -> bool:
        return any(each.takes(event) for each in self.urgent)

    def is_interrupted_by(self, event: Event) -> bool:
        return any(each.takes(event) for each in self.interrupts)

    @model_validator(mode="after")
    def _hears_its_schedules(self) -> Self:
        if self.schedules and not self.entity_workflow:
            raise ValueError(f"{self.name} declares schedules and no entity_workflow that could hear them")
        return self


class Kit(Frozen):
    """What a run works with, pinned by content hash at its start: a deploy doesn't change it in flight."""

    prompts: dict[str, str]
    """Prompt or skill name -> blob hash of its text."""

    schemas: dict[str, str] = {}
    """Answer type name -> blob hash of its JSON Schema."""

    tools: dict[str, "ToolNature"] = {}
    """Model-facing tool name -> what the server declares of it."""

    toolset: str = ""
    """Blob hash of the tools' definitions as the model gets them."""

    channel: str = ""
    """Where the agent reports and asks: a Slack channel id, set where the worker runs."""

    models: dict[str, str] = {}
    """Role -> the model that somebody chose for it. A role that isn't here is played by whom the gateway has for it."""

    policy: ApprovalPolicy | None = None
    """The policy that the run began with. None of before it was pinned: the code's own."""

    batched: tuple[str, ...] = ()
    """Roles whose vendor takes batches, at half the price. None in a fork, which somebody waits for."""


class ToolNature(Frozen):
    """The MCP annotations that matter here (readOnlyHint, idempotentHint), and the tool's own `meta` of ours."""

    read_only: bool = False
    idempotent: bool = False
    quick: bool = False
    """It only reads and answers well within a second: called as a local activity, for half the history and time."""

    once: bool = False
    """The server keeps a ledger of effect keys: a repeated call with the same key changes nothing more."""

    reconcile: str = ""
    """A read-only tool of the same server that tells of an effect key whether it happened."""

    outside: bool = False
    """Strangers wrote what it answers, or some of it: whoever has read it is tainted."""


class PrepareRun(Frozen):
    """Ask for a kit: the named agent's prompts and skills, its servers' tools, and these answer schemas."""

    agent: str
    tool_servers: tuple[str, ...]
    schemas: dict[str, dict[str, JsonValue]] = {}
    farm_tools: tuple[dict[str, JsonValue], ...] = ()
    """Definitions of the tools that the workflow itself serves (`farm__set_follow_up`, ...)."""

    run: str = ""
    """Whose kit it is: it is kept under this name, so that a fork in a month works with the words of now."""

    job: dict[str, JsonValue] = {}
    """The run's input but for its events, which are in its record: kept with the kit."""


Kit.model_rebuild()
