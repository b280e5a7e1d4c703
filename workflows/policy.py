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


def _fits(rule: Rule, circumstances: Circumstances) -> bool:
    if rule.tainted is not None and rule.tainted is not circumstances.tainted:
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
