"""What a person writes after `./farm keys limit`, as the gateway's limits. Pure; FarmError says what is wrong."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from gateway.prices.money import DOLLAR
from ops.errors import FarmError

OFF = "off"
MOST_USD = 1_000_000
MOST_COUNT = 1_000_000_000
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")


def changes(*, daily: str, monthly: str, rpm: str, tpm: str, models: str) -> dict[str, object]:
    """The limits that were named, and only those; `off` takes one away, which is None."""
    read: dict[str, tuple[str, Callable[[str, str], object]]] = {
        "daily": (daily, _money),
        "monthly": (monthly, _money),
        "rpm": (rpm, _count),
        "tpm": (tpm, _count),
        "models": (models, _models),
    }
    return {
        name: None if text.strip().lower() == OFF else reader(f"--{name}", text)
        for name, (text, reader) in read.items()
        if text
    }


def _money(option: str, text: str) -> int:
    try:
        usd = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        usd = Decimal("nan")
    if not (usd.is_finite() and 0 <= usd <= MOST_USD):
        raise FarmError(f"{option}: {text!r} is no amount of dollars", f"Write 5, 0.50, 0 (no call at all) or {OFF}.")
    return int(usd * DOLLAR)


def _count(option: str, text: str) -> int:
    digits = text.strip().replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdecimal() and 1 <= int(digits) <= MOST_COUNT):
        raise FarmError(f"{option}: {text!r} is no number from 1 on", f"Write 60, 200000 or {OFF}.")
    return int(digits)


def _models(option: str, text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if not MODEL.fullmatch(name)]
    if wrong or not names:
        raise FarmError(
            f"{option}: {', '.join(wrong) or text!r} is no list of roles", f"Write triage,orchestrator or {OFF}."
        )
    return tuple(dict.fromkeys(names))
