"""What a run has used, against what it may use. Counted in the workflow, where nothing races. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.agents import Limits
from contracts.calls import ModelReply
from contracts.workflows import Used

LEAST_SHARE_USD = 0.0001
"""A sub-agent with less than this could not ask a model once."""


@dataclass
class Meter:
    """Turns, money, tokens and working time of one run."""

    limits: Limits
    started_at: datetime
    used: Used = field(default_factory=Used)
    lent: list[Limits] = field(default_factory=list)
    """What sub-agents at work may still use."""

    _waits: int = 0
    _idle_since: datetime | None = None

    @property
    def cost_usd(self) -> float:
        return self.used.cost_usd

    def count(self, reply: ModelReply) -> None:
        self._add(Used(turns=1, cost_usd=reply.cost_usd, usage=reply.usage))

    def breach(self, now: datetime) -> str:
        """What stands in the way of another call, in words; empty where nothing does."""
        used, limits, rounds = self.used, self.limits, 1 + self.used.extensions
        if used.turns >= limits.turns * rounds:
            return f"{used.turns} turns used of {limits.turns * rounds}"
        if used.cost_usd >= limits.cost_usd * rounds:
            return f"${used.cost_usd:.4f} spent of ${limits.cost_usd * rounds:.2f}"
        if used.usage.total >= limits.tokens * rounds:
            return f"{used.usage.total} tokens used of {limits.tokens * rounds}"
        if self.worked(now) >= limits.working_time * rounds:
            return f"{_rounded(self.worked(now))} worked of {_rounded(limits.working_time * rounds)}"
        return ""

    def extend(self) -> None:
        """Grant the declared limits once more."""
        self.used = self.used.model_copy(update={"extensions": self.used.extensions + 1})

    def refuse(self) -> None:
        """No more is granted, and nobody is asked again."""
        self.used = self.used.model_copy(update={"refused": True})

    # -- time in which people are waited for doesn't count --

    def worked(self, now: datetime) -> timedelta:
        idle = self.used.idle_s + (now - self._idle_since).total_seconds() if self._idle_since else self.used.idle_s
        return now - self.started_at - timedelta(seconds=idle)

    def wait_begins(self, now: datetime) -> None:
        self._waits += 1
        self._idle_since = self._idle_since or now

    def wait_ends(self, now: datetime) -> None:
        """Several may be waited for at once: the time counts again when the last has answered."""
        self._waits -= 1
        if self._waits == 0 and self._idle_since is not None:
            waited = (now - self._idle_since).total_seconds()
            self.used = self.used.model_copy(update={"idle_s": self.used.idle_s + waited})
            self._idle_since = None

    # -- sub-agents are paid from here --

    def lend(self, most: Limits, now: datetime) -> Limits | None:
        """A sub-agent's limits: `most`, or what is left beside what is lent already. None where nothing is."""
        rounds = 1 + self.used.extensions
        money = self.limits.cost_usd * rounds - self.used.cost_usd - sum(each.cost_usd for each in self.lent)
        tokens = self.limits.tokens * rounds - self.used.usage.total - sum(each.tokens for each in self.lent)
        time = self.limits.working_time * rounds - self.worked(now)
        if money < LEAST_SHARE_USD or tokens < 1 or time <= timedelta(0):
            return None
        share = most.model_copy(
            update={
                "cost_usd": min(most.cost_usd, money),
                "tokens": min(most.tokens, tokens),
                "working_time": min(most.working_time, time),
            }
        )
        self.lent.append(share)
        return share

    def settle(self, share: Limits, used: Used) -> None:
        """A sub-agent is done: what it really used is ours, what it left is free again. Its turns are its own."""
        self.lent.remove(share)
        self._add(used.model_copy(update={"turns": 0}))

    def _add(self, more: Used) -> None:
        self.used = self.used.model_copy(
            update={
                "turns": self.used.turns + more.turns,
                "cost_usd": self.used.cost_usd + more.cost_usd,
                "usage": self.used.usage + more.usage,
            }
        )


def _rounded(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
