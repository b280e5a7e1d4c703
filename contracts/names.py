"""Every name that two processes must spell alike: queues, ids, signals, updates, queries, activities.

Workers in other languages read these from `docs/reference/contracts.json`.
"""

import re

from contracts.events import EntityRef

# Signals and updates. `decide` and `steer` are both: the update answers the caller, the signal is for
# `temporal workflow signal` and `tctl`; a decision by signal is recorded as an operator's.
EVENT = "event"
DECIDE = "decide"
STEER = "steer"
PAUSE = "pause"
RESUME = "resume"
# A person gives a run's roles to other models than it began with.
USE_MODELS = "use_models"
# A person gives an entity another follow-up date, or none.
FOLLOW_UP = "follow_up"
# From an entity to its run that is under way: news that doesn't wait for the next.
NEWS = "news"
# Wakes an idle entity, so that it goes over to the version of the workers that is current.
UPGRADE = "upgrade"

# To a collector: from its worker, how it is to gather; from a run, that it asked for something.
BATCHING = "batching"
BATCH_ASKED = "batch_asked"
# From a collector to a run: the request is settled.
BATCH_SETTLED = "batch_settled"

# Queries
STATUS = "status"
APPROVALS = "approvals"

# The workflow by which a Temporal Schedule tells an entity that its time has come
TICK = "FarmTick"

# The workflow that gathers an agent's requests which aren't urgent, and sees them through at the vendor
COLLECTOR = "FarmCollector"

# Activities
PREPARE_RUN = "prepare_run"
CALL_MODEL = "call_model"
CALL_TOOL = "call_tool"
SETTLE_EFFECT = "settle_effect"
RECORD_RUN = "record_run"
RECORD_APPROVAL = "record_approval"
NEXT_RUN = "next_run"
RECORD_INTERVENTION = "record_intervention"
KEEP_TEXT = "keep_text"
READ_USED = "read_used"
READ_APPROVAL = "read_approval"
RAISE_ALARM = "raise_alarm"
CHECK_EDIT = "check_edit"
NEWER_POLICIES = "newer_policies"
STANDING_CONSENT = "standing_consent"
ASK_BY_BATCH = "ask_by_batch"
LEAVE_BATCH = "leave_batch"
READ_BATCHES = "read_batches"
SUBMIT_BATCH = "submit_batch"
COLLECT_BATCH = "collect_batch"

# A tool's own `meta`: it only reads, and answers well within a second, as long as all is well.
META_QUICK = "farmstead/quick"
# A tool's own `meta`: its server does the work of one effect key once, however often it is called with it.
META_ONCE = "farmstead/once"
# And: the name of a read-only tool of the same server that tells whether an interrupted call happened.
META_RECONCILE = "farmstead/reconcile"
# And: whether there are words in its answer that strangers wrote: a mail, a web page.
META_OUTSIDE = "farmstead/outside"

# Keys of an MCP request's `_meta`
META_EFFECT_KEY = "farmstead/effect-key"
META_AGENT = "farmstead/agent"
META_ENTITY = "farmstead/entity"
META_RUN = "farmstead/run"
# How many runs stand between this one and a person. What it writes is one hop further.
META_HOP = "farmstead/hop"

FORK_PREFIX = "fork-"
"""How the name of a run begins that was made again from another's record: `fork-3:sales:deal:42/run-1`."""

# An entity's id may have colons and slashes in it, and even look like a run's end. The last `/run-<number>` is the
# run's own: what a sub-agent's run adds always has a colon before the next slash.
_RUN = re.compile(r"(?P<agent>[^:]+):(?P<entity>.+)/run-[0-9]+(?P<below>(?:/[^/]+:[^/:]+)*)", re.DOTALL)

# How a tool is named to a model: `<server>__<tool>`. A dot would be refused by the vendors' name pattern.
TOOL_SEPARATOR = "__"

# Tools that a workflow serves itself
SET_FOLLOW_UP = "farm__set_follow_up"
CANCEL_FOLLOW_UP = "farm__cancel_follow_up"
LOAD_SKILL = "farm__load_skill"
EXTEND_BUDGET = "farm__extend_budget"
ASK_PERSON = "farm__ask_person"
# What a person is asked to let go on: no tool of a model's
RELEASE = "farm__release"
DELEGATE = "farm__delegate"


def task_queue(agent: str) -> str:
    """The queue, and so the worker pool, of an agent: `agent-sales`."""
    return f"agent-{agent}"


def deployment(agent: str) -> str:
    """What Temporal calls the pool in all its versions: `agent-sales`. It has no dot, which is not allowed there."""
    return task_queue(agent)


def entity_workflow_id(agent: str, entity: EntityRef) -> str:
    """The one long-lived workflow of an entity: `sales:deal:42`."""
    return f"{agent}:{entity.kind}:{entity.id}"


def run_workflow_id(entity_workflow: str, number: int) -> str:
    """The child workflow of one run, counted from 1: `sales:deal:42/run-1`."""
    return f"{entity_workflow}/run-{number}"


def later_part_id(run: str, phase: str) -> str:
    """Where a run goes on with what nobody waits for, when it is over itself: `sales:deal:42/run-1/learn`.

    What is done there is the run's own, under its name.
    """
    return f"{run}/{phase}"


def collector_id(agent: str) -> str:
    """The one workflow that gathers an agent's requests: `collector:sales`."""
    return f"collector:{agent}"


def schedule_id(agent: str, schedule: str) -> str:
    """The Temporal Schedule of what an agent declares: `schedule:sales:weekly-review`."""
    return f"schedule:{agent}:{schedule}"


def sub_run_workflow_id(run: str, step: str, agent: str) -> str:
    """The child workflow of a sub-agent's task: `sales:deal:42/run-1/orchestrate-2.1:pricing`."""
    return f"{run}/{step}:{agent}"


def run_owner(run: str) -> tuple[str, str]:
    """Who works in a run and for which entity, by its name: `sales:deal:42/run-1` -> `sales`, `deal:42`.

    A sub-agent's run is its own: of `sales:deal:42/run-1/orchestrate-2.1:pricing` the agent is `pricing`. ValueError
    for what is no run's name.
    """
    found = _RUN.fullmatch(forked_run(run))
    if found is None:
        raise ValueError(f"{run!r} is no run's name: one is like sales:deal:42/run-1")
    return found["below"].rpartition(":")[2] or found["agent"], found["entity"]


def run_agents(run: str) -> frozenset[str]:
    """Whose doing a run is: its agent's, and of a sub-agent's run those above it as well.

    Nobody's for what is no run's name.
    """
    found = _RUN.fullmatch(forked_run(run))
    if found is None:
        return frozenset()
    return frozenset((found["agent"], *(part.rpartition(":")[2] for part in found["below"].split("/") if part)))


def fork_workflow_id(number: int, run: str) -> str:
    """The name of a fork, and of its task queue: `fork-3:sales:deal:42/run-1`. A fork's fork has but one number."""
    return f"{FORK_PREFIX}{number}:{forked_run(run)}"


def forked_run(run: str) -> str:
    """The run that a fork goes back to in the end; any other run is itself."""
    return run.partition(":")[2] if run.startswith(FORK_PREFIX) else run


def fork_number(name: str) -> int:
    """`fork-3` and `fork-3:sales:deal:42/run-1` -> 3; 0, which is no fork's, for any other name."""
    number = name.partition(":")[0].removeprefix(FORK_PREFIX)
    return int(number) if name.startswith(FORK_PREFIX) and number.isdecimal() else 0


def model_tool_name(server: str, tool: str) -> str:
    """`crm`, `add_note` -> `crm__add_note`."""
    return f"{server}{TOOL_SEPARATOR}{tool}"


def split_tool_name(name: str) -> tuple[str, str]:
    """`crm__add_note` -> `crm`, `add_note`. A name without a server gives an empty server."""
    server, separator, tool = name.partition(TOOL_SEPARATOR)
    return (server, tool) if separator else ("", name)
