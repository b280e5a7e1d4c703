"""The key of an effect."""

import pytest

from contracts.calls import CallSite
from contracts.effects import arguments_hash, effect_key

SITE = CallSite(run="sales:deal:42/run-1", step="orchestrate-1.1")
NOTE = {"deal_id": 42, "content": "Délai confirmé"}


def key(tool="crm__add_note", arguments=NOTE, **site):
    return effect_key(SITE.model_copy(update=site), tool, arguments)


def test_every_attempt_has_the_same_key():
    """The order of the arguments is the model's whim, and changes nothing."""
    assert key(arguments={"content": NOTE["content"], "deal_id": 42}) == key()


@pytest.mark.parametrize(
    "other",
    [
        {"step": "orchestrate-1.2"},
        {"run": "sales:deal:42/run-2"},
        {"tool": "crm__send_mail"},
        {"arguments": {**NOTE, "deal_id": 43}},
        {"arguments": {**NOTE, "deal_id": "42"}},
        {"arguments": {}},
    ],
    ids=str,
)
def test_another_effect_has_another_key(other):
    """Step, run, tool and arguments each count."""
    assert key(**other) != key()


def test_a_key_is_short_and_plain():
    """32 hex digits fit a message id and a header."""
    assert len(key()) == 32
    assert int(key(), 16) >= 0


def test_arguments_are_hashed_as_canonical_json():
    """The figure is SHA-256 of sorted, unspaced UTF-8."""
    assert arguments_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
