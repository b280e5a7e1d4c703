"""Dollars as the gateway's book keeps them: whole picodollars, so that a sum is exact in whatever order it is made."""

DOLLAR = 10**12
"""A cached token costs some 1e-8 dollars."""


def picodollars(usd: float) -> int:
    """An amount as it is kept."""
    return round(usd * DOLLAR)


def dollars(amount: int) -> float:
    """An amount as people say it."""
    return amount / DOLLAR


def told(amount: int) -> str:
    """To the cent; to four digits where that would say nothing: $5.00, $0.0123."""
    usd = dollars(amount)
    cents = f"${usd:,.2f}"
    return cents if amount == 0 or picodollars(round(usd, 2)) == amount or usd >= 1 else f"${usd:,.4f}"
