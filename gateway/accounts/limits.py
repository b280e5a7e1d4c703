"""What an agent, or the whole farm, may spend at the gateway: money by day and month, calls and tokens by minute."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from gateway.accounts.book import Entries

FARM = "*"
"""Whose limits the whole farm's are."""

_ALL = "SELECT subject, daily, monthly, rpm, tpm, models FROM gateway_limits"


@dataclass(frozen=True)
class Limits:
    """None: no limit. Money in picodollars; calls and tokens in any 60 seconds; `models` as they are asked for."""

    daily: int | None = None
    monthly: int | None = None
    rpm: int | None = None
    tpm: int | None = None
    models: tuple[str, ...] | None = None


def limits_of(entries: Entries, subject: str) -> Limits:
    """The limits of an agent or of `FARM`."""
    rows = entries.run(_ALL + " WHERE subject = :subject", subject=subject)
    return _limits(*rows[0][1:]) if rows else Limits()


def all_limits(entries: Entries) -> Mapping[str, Limits]:
    """Of everybody who has any."""
    rows = entries.run(_ALL + " ORDER BY subject")
    return {subject: _limits(*row) for subject, *row in rows}


def set_limits(entries: Entries, subject: str, **changes: object) -> Limits:
    """Change those that are named, and leave the others as they are. They hold from the next call on."""
    now = replace(limits_of(entries, subject), **changes)  # type: ignore[arg-type]  # the caller names them
    values = {field.name: getattr(now, field.name) for field in fields(now)}
    values["models"] = None if now.models is None else ",".join(now.models)
    entries.run(
        "INSERT INTO gateway_limits (subject, daily, monthly, rpm, tpm, models)"
        " VALUES (:subject, :daily, :monthly, :rpm, :tpm, :models)"
        " ON CONFLICT (subject) DO UPDATE SET daily = excluded.daily, monthly = excluded.monthly,"
        " rpm = excluded.rpm, tpm = excluded.tpm, models = excluded.models",
        subject=subject,
        **values,
    )
    return now


def _limits(daily: int | None, monthly: int | None, rpm: int | None, tpm: int | None, models: str | None) -> Limits:
    return Limits(daily, monthly, rpm, tpm, None if models is None else tuple(filter(None, models.split(","))))
