"""How each agent stands at the gateway: its keys, its limits, and what it has spent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from gateway.accounts.book import Entries
from gateway.accounts.keys import Key, State, all_keys
from gateway.accounts.limits import FARM, Limits, all_limits
from gateway.accounts.report import spend_by_day
from gateway.accounts.spend import count_the_lost, spent
from gateway.prices.money import dollars

ALL = "all"
"""How a person says the whole farm."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class KeyStanding(_Value):
    """A key, without its text, which nobody has."""

    id: str
    state: State
    source: Literal["made", "environment"]
    made_at: datetime
    made_by: str
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str


class LimitsStanding(_Value):
    """None: no limit."""

    daily_usd: float | None
    monthly_usd: float | None
    rpm: int | None
    tpm: int | None
    models: tuple[str, ...] | None


class AgentStanding(_Value):
    """An agent, or `ALL`. `held_usd`: at most what calls under way may cost."""

    agent: str
    limits: LimitsStanding
    spent_today_usd: float
    spent_this_month_usd: float
    held_usd: float
    lost_this_month: int
    """Calls of which nobody saw the end: they are in the sums at the most that they can have cost."""

    keys: tuple[KeyStanding, ...]


def standings(entries: Entries) -> Sequence[AgentStanding]:
    """Of every agent with a key, a limit or spend, and of the whole farm, which is the last."""
    now = entries.now()
    count_the_lost(entries, now)
    keys, limits = all_keys(entries), all_limits(entries)
    month = spend_by_day(entries, datetime.fromtimestamp(now, UTC).date().replace(day=1))
    agents = {key.agent for key in keys} | limits.keys() - {FARM} | {row.agent for row in month}
    return [
        AgentStanding(
            agent=ALL if subject == FARM else subject,
            limits=limits_standing(limits.get(subject, Limits())),
            spent_today_usd=dollars(money.today),
            spent_this_month_usd=dollars(money.month),
            held_usd=dollars(money.held),
            lost_this_month=sum(row.lost for row in month if subject in (FARM, row.agent)),
            keys=tuple(key_standing(key, now) for key in keys if key.agent == subject),
        )
        for subject in (*sorted(agents), FARM)
        for money in [spent(entries, now, subject)]
    ]


def key_standing(key: Key, now: float) -> KeyStanding:
    """A key as it is told."""
    return KeyStanding(
        id=key.id,
        state=key.state(now),
        source="environment" if key.source == "environment" else "made",
        made_at=_moment(key.made_at),
        made_by=key.made_by,
        last_used_at=_moment_or_none(key.last_used_at),
        expires_at=_moment_or_none(key.expires_at),
        revoked_at=_moment_or_none(key.revoked_at),
        revoked_by=key.revoked_by,
    )


def limits_standing(limits: Limits) -> LimitsStanding:
    """Limits as they are told."""
    return LimitsStanding(
        daily_usd=None if limits.daily is None else dollars(limits.daily),
        monthly_usd=None if limits.monthly is None else dollars(limits.monthly),
        rpm=limits.rpm,
        tpm=limits.tpm,
        models=limits.models,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
