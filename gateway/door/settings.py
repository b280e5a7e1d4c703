"""What the gateway's environment says of keeping answers and of calls at once. A wrong value is a ValueError."""

import json
from collections.abc import Mapping

from gateway.door.kept import IN_MEMORY, Kept

DAY_S = 86_400
MB = 1_000_000
AT_ONCE = 64
OTHERS = "*"


def kept(surroundings: Mapping[str, str]) -> Kept:
    """Where answers are kept: in memory, unless a file is named."""
    keep_s = _number("FARM_GATEWAY_KEEP_S", surroundings.get("FARM_GATEWAY_KEEP_S") or str(DAY_S))
    most_mb = _number("FARM_GATEWAY_KEEP_MB", surroundings.get("FARM_GATEWAY_KEEP_MB") or "256")
    return Kept(surroundings.get("FARM_GATEWAY_KEPT") or IN_MEMORY, keep_s, int(most_mb * MB))


def at_once(surroundings: Mapping[str, str]) -> dict[str, int]:
    """Role -> calls at a time, with `*` for the others; of one number all have as many."""
    given = surroundings.get("FARM_GATEWAY_AT_ONCE") or str(AT_ONCE)
    try:
        said = json.loads(given)
    except ValueError:
        said = None
    roles = {OTHERS: AT_ONCE, **said} if isinstance(said, dict) else {OTHERS: said}
    if not all(type(number) is int and number > 0 for number in roles.values()):
        raise ValueError(f'FARM_GATEWAY_AT_ONCE={given!r}: give a number, or one for each role: {{"triage": 32}}')
    return roles


def _number(name: str, given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name}={given!r}: give a number, 0 or more")
    return number
