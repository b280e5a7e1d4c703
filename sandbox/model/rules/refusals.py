"""What a person said about a proposed mail: rejected, and whether the reason asks for another version."""

import re

from sandbox.model.conversation import Exchange

_REJECTED = re.compile(r"reject|refus|declin|denied|not approved|expired|nobody (decided|answered)", re.IGNORECASE)
_SHORTER = re.compile(r"short|court|concis|trop long|too long|bref|brief|raccourc", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"rephras|reformul|rewrite|r[ée][ée]cri|\btone?\b|formal|plut[ôo]t|instead|chang", re.IGNORECASE
)
_EDITED = re.compile(r"\bedited\b|\bmodifi|with changes|changed by", re.IGNORECASE)


def rejected(exchange: Exchange) -> bool:
    """Whether a person, or the clock, said no."""
    return bool(_REJECTED.search(exchange.result.text))


def edited(exchange: Exchange) -> bool:
    """Whether a person changed the arguments before they ran."""
    return not rejected(exchange) and bool(_EDITED.search(exchange.result.text))


def asks_for_another(exchange: Exchange) -> bool:
    """Whether the reason of a rejection wants a changed version, and not silence."""
    reason = exchange.result.text
    return rejected(exchange) and bool(_SHORTER.search(reason) or _OTHERWISE.search(reason))
