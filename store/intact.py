"""Whether what is on record of a run is still what was written: every turn of its conversations, every text."""

from collections.abc import Mapping, Sequence

from contracts.frozen import Frozen
from store.blobs import Blobs, Harm
from store.chain import ROOT
from store.database import Database
from store.kits import Kits
from store.model_calls import ModelCalls
from store.tables import ModelCallRow, ToolCallRow
from store.tool_calls import ToolCalls
from store.transcripts import Transcripts

SUMMARY = "-summary-"
"""In the names of the steps that sum a conversation up."""


class Fault(Frozen):
    """Something of a run's record that is gone or was changed. `turn` counts the run's model calls from 1."""

    run: str
    step: str
    turn: int | None = None
    what: str
    ref: str
    harm: Harm

    def __str__(self) -> str:
        where = f"{self.step} (model call {self.turn})" if self.turn else self.step
        means = "is gone from the store" if self.harm == "missing" else "is not what was written: it was altered"
        return f"{where}: {self.what} {self.ref[:12]} {means}"


async def faults(db: Database, run: str) -> list[Fault]:
    """What is wrong with a run's record, in the order of its steps; empty where all is as it was written."""
    thought, done = await ModelCalls(db).of_run(run), await ToolCalls(db).of_run(run)
    return [*await _broken_turns(db, run, thought), *await _broken_texts(db, run, done)]


async def _broken_turns(db: Database, run: str, calls: Sequence[ModelCallRow]) -> list[Fault]:
    harms = await _harms(Transcripts(db), calls)
    found = [_turn_fault(run, calls, head, harm) for head, harm in harms.items()]
    return sorted(found, key=lambda fault: fault.turn or 0)


async def _harms(transcripts: Transcripts, calls: Sequence[ModelCallRow]) -> dict[str, Harm]:
    """Each conversation is walked from its last turn. Behind a break the ledger says where it went on.

    A summary's question is a turn that no row of the ledger names; behind a broken one of those the conversations
    before all summaries are walked.
    """
    went_on_from = {call.parent for call in calls}
    parents = {call.head: (call.parent,) for call in calls}
    before_summaries = tuple(call.parent for call in calls if SUMMARY in call.step)
    walks = [call.head for call in calls if call.head not in went_on_from]
    walked: set[str] = {ROOT}
    harms: dict[str, Harm] = {}
    while walks:
        head = walks.pop()
        if head in walked:
            continue
        walked.add(head)
        for broken in await transcripts.verify(head):
            harms[broken.head] = broken.reason
            walks.extend(parents.get(broken.head, before_summaries))
    return harms


def _turn_fault(run: str, calls: Sequence[ModelCallRow], head: str, harm: Harm) -> Fault:
    """By the call that wrote the turn, or the first that went on from it."""
    for number, call in enumerate(calls, start=1):
        if head in (call.head, call.parent):
            what = "its turn of the conversation" if head == call.head else "the turn it went on from"
            return Fault(run=run, step=call.step, turn=number, what=what, ref=head, harm=harm)
    return Fault(run=run, step="between two steps", what="a turn of the conversation", ref=head, harm=harm)


async def _broken_texts(db: Database, run: str, calls: Sequence[ToolCallRow]) -> list[Fault]:
    kit = await Kits(db).of_run(run)
    named = {} if kit is None else _kit_texts(kit.kit.prompts, kit.kit.schemas, kit.kit.toolset)
    harms = await Blobs(db).verify({*(call.ref for call in calls), *named} - {""})
    told = [
        Fault(run=run, step=call.step, what=f"the result of {call.server}.{call.tool}", ref=call.ref, harm=harm)
        for call in calls
        if (harm := harms.get(call.ref))
    ]
    return told + [
        Fault(run=run, step="its beginning", what=what, ref=ref, harm=harm)
        for ref, what in named.items()
        if (harm := harms.get(ref))
    ]


def _kit_texts(prompts: Mapping[str, str], schemas: Mapping[str, str], toolset: str) -> dict[str, str]:
    return {
        **{ref: f"the prompt {name}" for name, ref in prompts.items()},
        **{ref: f"the schema {name}" for name, ref in schemas.items()},
        toolset: "the definitions of its tools",
    }
