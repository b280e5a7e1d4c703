"""How the models' vendors are, as the gateway sees them: by role, with the state of its gate."""

from typing import Any

import httpx
from rich.table import Table

from ops.stack.state import StackState

GATEWAY = "gateway"
PATIENCE_S = 2.0
SILENCE_S = 1.0
STATES = {"open": "green", "shut": "yellow", "away": "red"}


async def vendors(now: StackState) -> dict[str, Any]:
    """Role -> figures; empty where no gateway of ours answers, or nobody has asked it for anything yet."""
    part = now.parts.get(GATEWAY)
    if part is None or not part.address:
        return {}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(f"{part.address}/farm/vendors")
            roles: dict[str, Any] = answer.raise_for_status().json()["roles"]
    except (httpx.HTTPError, ValueError, KeyError):
        return {}
    return roles


def vendors_table(roles: dict[str, Any]) -> Table:
    """One line a role. What was answered and what failed is of the last five minutes."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (
        "role",
        "vendor",
        "under way",
        "longest",
        "waiting",
        "answered",
        "failed",
        "by standby",
        "last error",
    ):
        table.add_column(heading, header_style="dim")
    for role, its in roles.items():
        counts = [str(its[name]) for name in ("waiting", "answered", "failed", "by_standby")]
        longest = _longest(its) if its["under_way"] else ""
        state = f"[{STATES[its['state']]}]{_state(its)}[/]"
        table.add_row(role, state, str(its["under_way"]), longest, *counts, _last_error(its["last_error"]))
    return table


def _longest(its: dict[str, Any]) -> str:
    """Of the calls under way: how long, and how long nothing has been heard of one whose answer is listened to."""
    silent = f", silent {its['silent_s']:.0f} s" if its.get("silent_s", 0) >= SILENCE_S else ""
    return f"{its['longest_s']:.0f} s{silent}"


def _state(its: dict[str, Any]) -> str:
    return f"{its['state']}, {its['shut_s']:.0f} s" if its["shut_s"] else str(its["state"])


def _last_error(error: dict[str, Any] | None) -> str:
    return f"{error['status']}, {error['seconds_ago']:.0f} s ago" if error else ""
