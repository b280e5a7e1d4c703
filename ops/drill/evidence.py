"""What the drill left behind: in the CRM and in Slack by their own records, in the farm by its own."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from sqlalchemy import func, select

from contracts.events import Event
from ops.demo.sandboxes import AGENT_USER, Json
from ops.drill.stage import Stage
from starter.sources.pipedrive import normalise, user
from store.tables import EffectRow, ModelCallRow, RunRow
from store.transcripts import Transcripts

QUESTION = re.compile(r"ask(?:s|ed) about deal:(\d+)")
REPORT = re.compile(r"deal:(\d+) · `[^`]+/run-\d+`")


@dataclass(frozen=True)
class Evidence:
    """All that can be counted afterwards."""

    effects: Mapping[tuple[str, int], Counter[str]]
    """Kind and deal -> what stands there, by what tells one from another: a note's mark, a mail's Message-ID."""

    events: frozenset[str]
    """Ids of what the CRM sent that wasn't the agent's own doing."""

    undelivered: int
    taken: Counter[str]
    """Event id -> finished runs that have it in their record."""

    runs: dict[str, str]
    """Run -> status."""

    reasons: dict[str, str]
    in_doubt: int
    broken: tuple[str, ...] = field(default=())
    heads: int = 0
    by_standby: int = 0
    """Model calls that a role's standby answered."""

    answered: int = 0
    """Model calls that the vendor answered, and was paid for."""

    overloaded: int = 0
    """Calls that the vendor turned away as it was overloaded."""


async def gather(on: Stage, deals: Sequence[int]) -> Evidence:
    """Ask everyone. `deals`: those of the drill."""
    effects: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    in_crm = [*_in_crm(await on.crm.changes()), *_mails(await on.crm.mails_sent())]
    for kind, deal, key in [*in_crm, *_in_slack(await on.slack.messages())]:
        effects[kind, deal][key] += 1
    events, undelivered = _sent(await on.crm.deliveries(), set(deals))
    runs, reasons, taken = await _runs(on)
    broken, heads = await _broken(on)
    in_doubt, by_standby, (answered, overloaded) = await _in_doubt(on), await _by_standby(on), await _asked(on)
    return Evidence(
        effects, events, undelivered, taken, runs, reasons, in_doubt, broken, heads, by_standby, answered, overloaded
    )


Found = tuple[str, int, str]
"""Kind, deal, and what tells it from another of its kind."""

WRITES = ("note create", "activity create", "mail create", "deal change title")


def _in_crm(changes: Sequence[Json]) -> Iterator[Found]:
    """Notes, activities, mails filed and titles set by the agent, from the CRM's own change log."""
    for change in changes:
        kind = f"{change['entity']} {change['action']} {change['field']}".strip()
        if change["user_id"] == AGENT_USER and kind in WRITES:
            # of an activity the log has the subject alone, which is the same in each round
            key = change["entity_id"] if change["entity"] == "activity" else change["new"]
            yield kind, int(change["deal_id"]), str(key)


def _mails(mails: Sequence[Json]) -> Iterator[Found]:
    for mail in mails:
        for deal in mail["deal_ids"]:
            yield "mail sent", int(deal), mail["message_id"]


def _in_slack(messages: Sequence[Json]) -> Iterator[Found]:
    for message in _each_once(messages):
        text = json.dumps(message, ensure_ascii=False)
        key = str(message.get("metadata", {}).get("event_payload", {}).get("key", ""))
        for kind, pattern in (("question", QUESTION), ("report", REPORT)):
            if found := pattern.search(text):
                yield kind, int(found[1]), key


def _each_once(messages: Sequence[Json]) -> Iterator[Json]:
    """What stands in the channel, and in threads; a reply that is shown in both is one message."""
    seen: set[str] = set()
    for root in messages:
        for message in ({name: value for name, value in root.items() if name != "replies"}, *root.get("replies", ())):
            if message["ts"] not in seen:
                seen.add(message["ts"])
                yield message


def _sent(deliveries: Sequence[Json], deals: set[int]) -> tuple[frozenset[str], int]:
    """The events that people and clients made on the drill's deals; and how many the CRM gave up sending."""
    theirs: dict[str, str] = {}
    for delivery in deliveries:
        event = normalise(delivery["payload"])
        ours = isinstance(event, Event) and int(event.entity.id) in deals and event.actor != user(AGENT_USER)
        if ours and isinstance(event, Event):
            theirs[event.id] = delivery["state"]
    return frozenset(theirs), sum(state != "delivered" for state in theirs.values())


async def _runs(on: Stage) -> tuple[dict[str, str], dict[str, str], Counter[str]]:
    async with on.db.reading() as session:
        rows = (await session.scalars(select(RunRow))).all()
    finished = [row for row in rows if row.status in ("done", "skipped")]
    taken = Counter(event["id"] for row in finished for event in row.events)
    return {row.run: row.status for row in rows}, {row.run: row.reason for row in rows}, taken


async def _broken(on: Stage) -> tuple[tuple[str, ...], int]:
    """What is wrong with any model call's conversation, and how many were looked at."""
    async with on.db.reading() as session:
        calls = (await session.execute(select(ModelCallRow.run, ModelCallRow.step, ModelCallRow.head))).all()
    transcripts = Transcripts(on.db)
    found = [f"{run} {step}: {each}" for run, step, head in calls for each in await transcripts.verify(head)]
    return tuple(found), len(calls)


async def _by_standby(on: Stage) -> int:
    async with on.db.reading() as session:
        query = select(func.count()).select_from(ModelCallRow).where(ModelCallRow.fallback)
        return await session.scalar(query) or 0


async def _asked(on: Stage) -> tuple[int, int]:
    """By the vendor's own count: calls that it answered, and those that it turned away with 529."""
    async with httpx.AsyncClient() as client:
        figures = (await client.get(f"{on.stack.plan.env['ANTHROPIC_BASE_URL']}/sandbox/calls")).json()
    return int(figures["calls"]), int(figures["refused"].get("529", 0))


async def _in_doubt(on: Stage) -> int:
    """Effects of which nobody knows whether they happened: said to be so, or never settled."""
    async with on.db.reading() as session:
        query = select(func.count()).where(EffectRow.state.in_(("in_doubt", "pending")))
        return await session.scalar(query) or 0
