"""How an agent stands at the gateway, in lines for a person. Pure."""

from collections.abc import Sequence
from datetime import datetime

from gateway.accounts.keys import GIVEN_BY
from gateway.prices.money import picodollars, told
from ops.key_standing import ALL, AgentStanding, KeyStanding, LimitsStanding


def lines(each: AgentStanding) -> Sequence[str]:
    """An agent's: who it is and what it spent, then the details."""
    limits = each.limits
    today, month = _spent(each.spent_today_usd, limits.daily_usd), _spent(each.spent_this_month_usd, limits.monthly_usd)
    lost = f"{each.lost_this_month} calls this month ended unseen, and count with the most that they can have cost"
    return [
        f"{called(each.agent)}: spent today {today}, this month {month}",
        limits_line(limits),
        *([lost] if each.lost_this_month else []),
        *map(_key, each.keys),
    ]


def _key(key: KeyStanding) -> str:
    made = f"from {key.made_by}" if key.made_by == GIVEN_BY else f"made by {key.made_by}"
    used = f"last used {_when(key.last_used_at)}" if key.last_used_at else "never used"
    ended = ""
    if key.revoked_at:
        ended = f", revoked {_when(key.revoked_at)} by {key.revoked_by}"
    elif key.expires_at:
        ended = f", {'ends' if key.state == 'ends' else 'ended'} {_when(key.expires_at)}"
    return f"{key.id}  {made}, {_when(key.made_at)}, {used}{ended}"


def limits_line(limits: LimitsStanding) -> str:
    """What is limited, and how far."""
    said = [
        limits.daily_usd is not None and f"{_usd(limits.daily_usd)} a day",
        limits.monthly_usd is not None and f"{_usd(limits.monthly_usd)} a month",
        limits.rpm is not None and f"{limits.rpm:,} calls a minute",
        limits.tpm is not None and f"{limits.tpm:,} tokens a minute",
        limits.models is not None and f"only {', '.join(limits.models)}",
    ]
    return "limits: " + (", ".join(each for each in said if each) or "none")


def _spent(usd: float, limit: float | None) -> str:
    return f"{_usd(usd)} of {_usd(limit)}" if limit is not None else _usd(usd)


def _usd(usd: float) -> str:
    return told(picodollars(usd))


def called(agent: str) -> str:
    """As a person says it."""
    return "the whole farm" if agent == ALL else agent


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
