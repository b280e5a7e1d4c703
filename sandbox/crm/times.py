"""Moments as the vendor writes them: RFC 3339 in v2 and webhooks, `YYYY-MM-DD HH:MM:SS` (UTC) in v1."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """`2026-01-14T18:16:56Z`"""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_millis(moment: datetime) -> str:
    """`2026-01-14T18:16:56.057Z`, as in a webhook's `meta.timestamp`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def v1_time(stored: str | None) -> str | None:
    """`2026-01-14T18:16:56Z` -> `2026-01-14 18:16:56`; None stays None."""
    return stored.replace("T", " ").removesuffix("Z") if stored else None
