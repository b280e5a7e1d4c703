"""Arguments and results of the entity and run workflows: one frozen value in, one out."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from contracts.agents import Debounce, Kit, Limits
from contracts.approvals import ApprovalRecord, Reading
from contracts.calls import Material, ToolResultRef, Usage
from contracts.events import EntityRef, Event
from contracts.frozen import Frozen, Lasting
from contracts.steering import Steer


class FollowUp(Lasting):
    """A date at which an agent wants to look again, and why; what ends the wait before; and the dates after it."""

    at: datetime
    reason: str
    time_zone: str = ""
    """IANA name of whose clock the date was meant by; empty for the agent's own."""

    until: tuple[str, ...] = ()
    """Names of what it also waits for, of those that the agent declares: the first to come ends the whole wait."""

    then: tuple[datetime, ...] = ()
    """The next dates of a chain of reminders."""

    number: int = Field(default=1, ge=1)
    """Which date of its chain this is."""

    since: datetime | None = None
    """When the wait began: nothing of `until` has come since."""

    @property
    def of(self) -> int:
        """How many dates its chain has."""
        return self.number + len(self.then)


class Replan(Lasting):
    """A person's word on what an entity waits for: another date in the place of its follow-up, or none."""

    by: str = "operator"
    at: AwareDatetime | None = None
    """None calls off what is planned."""

    reason: str = Field(default="", max_length=300)
    """Empty keeps the reason of what was planned."""


class EntityState(Lasting):
    """All that an entity's workflow carries through continue-as-new, as one object."""

    agent: str
    entity: EntityRef
    debounce: Debounce | None = None
    """Set by the starter to override the agent's declaration; None keeps it."""

    pending: tuple[Event, ...] = ()
    first_at: datetime | None = None
    """When the first of the pending events came."""

    last_at: datetime | None = None
    pressing: bool = False
    """The pending events are due at once."""

    remembered: dict[str, str] = {}
    """Day -> marks of the events taken in on it, of twelve characters each, so that a re-delivery counts once."""

    seen: tuple[str, ...] = ()
    """Their plain ids, as versions before `remembered` left them. Read, and no more written."""

    rotate_after: int = 100
    """Runs in one history before it is continued as new; sooner where Temporal suggests it."""

    runs: int = 0
    """The number of the last run."""

    follow_up: FollowUp | None = None
    begun: tuple[datetime, ...] = ()
    """When its last runs began, as far back as its breaker looks."""

    stopped: bool = False
    """It ran too often, and waits for a person."""

    told_of_hops: datetime | None = None
    """When people were last told that news was put aside which is too many hops from any of them."""


class Tick(Lasting):
    """What a schedule tells when its time has come."""

    agent: str
    entity_workflow: str
    schedule: str
    entity: EntityRef
    summary: str


class Used(Lasting):
    """What a run has used so far, its sub-agents' share included."""

    turns: int = 0
    cost_usd: float = 0.0
    usage: Usage = Usage()
    idle_s: float = 0.0
    """Seconds that it waited for people."""

    extensions: int = 0
    """How often a person granted its limits once more."""

    refused: bool = False
    """A person said no to an extension: the run ends with what it has, and isn't asked about again."""


class TalkState(Frozen):
    """A conversation between two turns: what was said is behind `head`, what is to be said next is here."""

    phase: str
    head: str = ""
    tokens: int = 0
    """Length of the conversation at its last turn."""

    say: str = ""
    results: tuple[ToolResultRef, ...] = ()
    material: tuple[Material, ...] = ()
    repairs: int = 0


class RunState(Frozen):
    """All that a run carries through continue-as-new, as one object."""

    kit: Kit
    started_at: datetime
    used: Used
    steps: dict[str, int] = {}
    """Phase -> number of its last step."""

    finished: dict[str, JsonValue] = {}
    """Phase -> what came of it: a finished phase isn't gone through again."""

    talk: TalkState | None = None
    approvals: tuple[ApprovalRecord, ...] = ()
    """The last questions, all settled: a late click still gets a clear answer."""

    follow_up: FollowUp | None = None
    called_off: bool = False
    """What was planned before the run doesn't stand any more."""

    steered: tuple[Steer, ...] = ()
    """What people said and the agent hasn't heard yet."""

    came: tuple[Event, ...] = ()
    """News that it hasn't heard yet."""

    heard: tuple[str, ...] = ()

    interventions: int = 0
    """The number of the last one."""

    thread: str = ""
    """The `ts` of the message in Slack in whose thread all that the run says stands; empty where it said nothing."""

    paused_by: str = ""
    pinned: tuple[str, ...] = ()
    models: dict[str, str] = {}
    """Role -> the model that a person gave it to while the run was at work."""

    standbys: dict[str, int] = {}
    """Which model answered instead of which, and how often."""

    troubles: tuple[str, ...] = ()
    read: tuple[Reading, ...] = ()
    """What it has read, the newest last; not all of a long run."""

    tainted: str = ""
    suspicious: str = ""


class RunInput(Lasting):
    """One run: the events of a window, for one entity; or a task that another agent gives."""

    agent: str
    entity: EntityRef
    number: int
    attempt: int = Field(default=1, ge=1)
    """A run that failed is tried again under its own name: what it thought and did before is on record."""

    events: tuple[Event, ...]
    follow_up: FollowUp | None = None
    """What is planned already."""

    task: str = ""
    """What another agent asks; empty where events began the run."""

    tainted: str = ""
    """What strangers wrote that the asking run had read: the task may be theirs."""

    suspicious: str = ""
    """What of it looked like orders to a model."""

    limits: Limits | None = None
    """Taken from the asking run's budget; None for the agent's own."""

    as_of: datetime | None = None
    """When the run thinks it began: a fork of an old run lives in its time. None for now."""

    carried: RunState | None = None
    """Where the history before this one left off."""

    later: str = ""
    """The phase for which alone this history goes on: nobody waits for it, and the run itself is over."""


class RunOutcome(Lasting):
    """What a run came to."""

    status: Literal["skipped", "done"]
    reason: str = ""
    follow_up: FollowUp | None = None
    """A new plan; None leaves what is planned as it is."""

    called_off: bool = False
    """What was planned before the run doesn't stand any more."""

    heard: tuple[str, ...] = ()
    """Keys of the events that came to it while it was at work: they need no run of their own."""

    report: dict[str, JsonValue] = {}
    """Empty for a task: whoever asked reads it by `ref`."""

    ref: str = ""
    """A task's report: blob hash of its JSON."""

    used: Used = Used()
    tainted: str = ""
    """What strangers wrote that it had read; empty where nothing."""

    suspicious: str = ""
    """What of it looked like orders to a model."""


class EntityStatus(Frozen):
    """Answer of the `status` query of an entity's workflow."""

    entity: str
    pending: int
    runs: int
    running: str = ""
    stopped: bool = False
    """It ran too often, and waits for a person to let it go on."""

    follow_up: FollowUp | None = None
    waiting_for: str = ""
    """What it waits for and until when, in words: the same as `WaitingFor`."""


class EntityWorkflowId(Frozen):
    """Whose next run is asked for."""

    workflow_id: str


class RunId(Frozen):
    """A run by its workflow id."""

    run: str


class Text(Frozen):
    """A text to be kept beside Temporal's history."""

    text: str


class TextRef(Frozen):
    """Where a kept text is: its blob hash."""

    ref: str


class RunNumber(Frozen):
    """The number of a run, counted from 1 over all that is on record."""

    number: int
