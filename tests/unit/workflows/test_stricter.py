"""A policy that comes while a question waits may make it harder, and never easier."""

from itertools import product

import pytest

from contracts.policy import Consent, Rule
from workflows.people.policy import stricter

TOOL = "crm__send_mail"


def rule(consent: Consent = Consent.ASK, **more) -> Rule:
    return Rule(tool=TOOL, consent=consent, **more)


@pytest.mark.parametrize(
    ("pinned", "newer", "strict"),
    [
        (Consent.ASK, Consent.ALLOW, Consent.ASK),
        (Consent.ASK, Consent.ASK, Consent.ASK),
        (Consent.ASK, Consent.DENY, Consent.DENY),
        (Consent.DENY, Consent.ASK, Consent.DENY),
        (Consent.ALLOW, Consent.ASK, Consent.ASK),
    ],
)
def test_the_harder_word_holds(pinned, newer, strict):
    """With the reason of whoever says it; of two alike, the one that was there."""
    found = stricter(rule(pinned, why="before"), rule(newer, why="since"))
    assert found.consent is strict
    assert found.why == ("since" if newer is strict and pinned is not strict else "before")


@pytest.mark.parametrize(
    ("field", "pinned", "newer", "strict"),
    [
        ("quorum", 1, 2, 2),
        ("quorum", 2, 1, 2),
        ("approvers", ("claire", "tom"), ("tom", "eve"), ("tom",)),
        ("approvers", ("claire",), ("eve",), ("eve",)),
        ("approvers", (), ("eve",), ("eve",)),
        ("approvers", ("claire",), (), ("claire",)),
        ("standing", "agent", "entity", "entity"),
        ("standing", "entity", "agent", "entity"),
        ("standing", "entity", None, None),
        ("standing", None, "agent", None),
        ("at_expiry", "default", "reject", "reject"),
        ("at_expiry", "default", "escalate", "escalate"),
        ("at_expiry", "reject", "default", "reject"),
        ("at_expiry", "escalate", "default", "escalate"),
        ("risk", "low", "high", "high"),
        ("risk", "high", "normal", "high"),
    ],
)
def test_each_thing_is_as_the_stricter_has_it(field, pinned, newer, strict):
    """People who may by both, or by the newer where that is nobody; the larger quorum; the narrower standing."""
    assert getattr(stricter(rule(**{field: pinned}), rule(**{field: newer})), field) == strict


@pytest.mark.parametrize("pair", list(product(Consent, Consent)))
def test_the_same_policy_again_changes_nothing(pair):
    """A worker that starts again brings what was there; and twice the same news is once."""
    one, other = (rule(each, approvers=("claire", "tom"), quorum=2) for each in pair)
    assert stricter(one, one) == one
    assert stricter(stricter(one, other), other) == stricter(one, other)
