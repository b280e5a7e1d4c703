"""What policy says of a call. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydantic import JsonValue

from contracts.agents import ToolNature
from contracts.policy import ApprovalPolicy, Condition, Consent, Rule

_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]+@([^\s<>,;:\"'()\[\]@]+)")


@dataclass(frozen=True)
class Circumstances:
    """Under what a call is proposed, as far as its arguments don't say it."""

    tainted: bool
    model: str
    """Empty where it isn't known."""

    suspicious: bool = False


def ruling(
    policy: ApprovalPolicy,
    tool: str,
    nature: ToolNature,
    arguments: Mapping[str, JsonValue],
    circumstances: Circumstances,
) -> Rule:
    """Policy's word on a call, and why: the first rule that applies, else reads run and writes ask."""
    for rule in policy.rules:
        if rule.tool == tool and _fits(rule, circumstances) and _applies(rule, arguments):
            return rule
    if nature.read_only:
        return Rule(tool=tool, consent=Consent.ALLOW, why="it only reads")
    return Rule(tool=tool, consent=Consent.ASK, why="it changes something, and policy has no rule for it")


def resolved(policy: ApprovalPolicy, rule: Rule) -> Rule:
    """A rule with what its policy says in its place: whose word it takes, and what holds where nobody gives one."""
    said = {"approvers": rule.approvers or policy.approvers, "at_expiry": rule.at_expiry or policy.at_expiry}
    return rule.model_copy(update=said)


def stricter(rule: Rule, newer: Rule) -> Rule:
    """Of two rules for one call the stricter in each thing: what came later may forbid, and never allow. Both resolved.

    Where nobody may decide by both, those of the newer may.
    """
    harder = newer if _HARD.index(newer.consent) > _HARD.index(rule.consent) else rule
    return rule.model_copy(
        update={
            "consent": harder.consent,
            "why": harder.why,
            "quorum": max(rule.quorum, newer.quorum),
            "approvers": _both(rule.approvers, newer.approvers),
            "standing": min(rule.standing, newer.standing, key=_WIDE.index),
            "at_expiry": newer.at_expiry if rule.at_expiry == "default" else rule.at_expiry,
            "risk": max(rule.risk, newer.risk, key=_RISKY.index),
        }
    )


_HARD = (Consent.ALLOW, Consent.ASK, Consent.DENY)
_WIDE = (None, "entity", "agent")
_RISKY = ("low", "normal", "high")


def _both(approvers: tuple[str, ...], newer: tuple[str, ...]) -> tuple[str, ...]:
    """Nobody named is anybody."""
    if not approvers or not newer:
        return approvers or newer
    return tuple(each for each in approvers if each in newer) or newer


def _fits(rule: Rule, circumstances: Circumstances) -> bool:
    if rule.tainted is not None and rule.tainted is not circumstances.tainted:
        return False
    if rule.suspicious is not None and rule.suspicious is not circumstances.suspicious:
        return False
    if not rule.models:
        return True
    if not circumstances.model:
        return rule.consent is not Consent.ALLOW
    return any(fnmatchcase(circumstances.model.lower(), pattern.lower()) for pattern in rule.models)


def _applies(rule: Rule, arguments: Mapping[str, JsonValue]) -> bool:
    if_unread = rule.consent is not Consent.ALLOW
    return all(_holds(condition, arguments.get(name), if_unread=if_unread) for name, condition in rule.where.items())


def _holds(condition: Condition, value: JsonValue, *, if_unread: bool) -> bool:
    if value is None:
        return False
    asked = [
        None if condition.over is None else _over(value, condition.over),
        _outside(value, condition.outside) if condition.outside else None,
        _matches(value, condition.matches) if condition.matches else None,
    ]
    return all(if_unread if found is UNREAD else found for found in asked if found is not None)


class _Unread:
    """A value that isn't of the kind that a condition asks about."""


UNREAD = _Unread()


def _over(value: JsonValue, limit: float) -> "bool | _Unread":
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return UNREAD
    try:
        # Not `<=`: of what is no number after all (NaN) nobody can say that it is within the limit.
        return not float(value) <= limit
    except ValueError:
        return UNREAD


def _outside(value: JsonValue, domains: tuple[str, ...]) -> "bool | _Unread":
    texts = _texts(value)
    found = [found.lower().rstrip(".") for text in texts for found in _ADDRESS.findall(text)]
    # An @ too many, as in `"a@ours.example"@theirs.example`: who knows where that goes.
    if not found or len(found) != sum(text.count("@") for text in texts):
        return UNREAD
    return not all(any(f".{each}".endswith(f".{domain.lower()}") for domain in domains) for each in found)


def _matches(value: JsonValue, pattern: str) -> "bool | _Unread":
    texts = _texts(value)
    return any(fnmatchcase(text.lower(), pattern.lower()) for text in texts) if texts else UNREAD


def _texts(value: JsonValue) -> list[str]:
    """All that is text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in within for text in _texts(each)]
