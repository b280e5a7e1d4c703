"""What lost the vendor's cache between runs: the header of a role's requests changed, and whether anybody changed it.

A header is what stands ahead of a conversation: tools, system prompt, answer's schema. All of it comes from the run's
kit, so where two runs of one kit sent two headers, code made the difference (a date in a prompt, an order that isn't
kept), and every run pays for it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from contracts.agents import Kit
from contracts.frozen import Frozen
from store.database import Database
from store.kits import Kits
from store.spending import Header

MOST = 50
"""Changes that are looked into. Where there are more, the first ones tell."""


class Change(Frozen):
    """An agent's role sent another header from then on. `cause`: what of the kit is another one; empty for nothing."""

    agent: str
    role: str
    phase: str
    at: datetime
    cause: tuple[str, ...]
    run: str


def pairs(headers: Sequence[Header]) -> list[tuple[Header, Header]]:
    """Each header with the one before it, of the same agent, role and phase; the newest first."""
    series: defaultdict[tuple[str, str, str], list[Header]] = defaultdict(list)
    for each in headers:
        series[each.agent, each.role, each.phase].append(each)
    found = [pair for its in series.values() for pair in pairwise(sorted(its, key=lambda each: each.first))]
    return sorted(found, key=lambda pair: pair[1].first, reverse=True)


async def changes(db: Database, headers: Sequence[Header]) -> tuple[Change, ...]:
    """What changed, and why."""
    looked_into = pairs(headers)[:MOST]
    kits = {run: await _kit(db, run) for run in {each.run for pair in looked_into for each in pair}}
    return tuple(_change(before, now, kits) for before, now in looked_into)


async def _kit(db: Database, run: str) -> Kit | None:
    recorded = await Kits(db).of_run(run)
    return recorded.kit if recorded else None


def _change(before: Header, now: Header, kits: Mapping[str, Kit | None]) -> Change:
    cause = differing(kits[before.run], kits[now.run])
    return Change(agent=now.agent, role=now.role, phase=now.phase, at=now.first, cause=cause, run=now.run)


def differing(one: Kit | None, other: Kit | None) -> tuple[str, ...]:
    """Which parts of two kits aren't the same, of those that a header is made of."""
    if one is None or other is None:
        return ("kit not on record",)
    parts = {"prompts": "prompts", "schemas": "schemas", "toolset": "tools"}
    return tuple(word for name, word in parts.items() if getattr(one, name) != getattr(other, name))
