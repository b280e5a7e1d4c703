"""Whose answers are listened to, and for how long a silence is waited out."""

import pytest
from pydantic import ValidationError

from gateway.models.patience import Patience, patience
from gateway.models.roles import FILE, Models, read

FEW = {
    "vendors": {
        "a": {"protocol": "anthropic", "key": "A", "address": "A_URL"},
        "o": {"protocol": "openai", "key": "O", "address": "O_URL"},
    },
    "models": {
        "talks": {"vendor": "a", "timeout_s": 100, "stall_s": 20, "standby": ["quick"]},
        "quick": {"vendor": "a", "timeout_s": 30},
        "other": {"vendor": "o", "timeout_s": 50},
    },
    "roles": {"plans": {"about": "x"}, "sorts": {"about": "x"}},
    "environments": {"default": {"plans": "talks", "sorts": "other"}, "swapped": {"plans": "quick", "sorts": "talks"}},
}


@pytest.mark.parametrize(("chosen", "role"), [("", "plans"), ("swapped", "sorts")])
def test_a_model_is_listened_to_by_its_name_and_by_its_role(chosen, role):
    """A stream has as long to begin as all that may be asked for it; one without a limit for silences isn't there."""
    its = Patience(begin_s=150, first_s=100, stall_s=20)
    assert patience(Models.model_validate(FEW), {"FARM_MODELS": chosen}) == {"talks": its, role: its}


def test_a_configuration_of_ones_own_is_not_listened_to():
    """What its names stand for isn't known."""
    assert patience(Models.model_validate(FEW), {"FARM_GATEWAY_CONFIG": "mine.yaml"}) == {}


@pytest.mark.parametrize(
    "change", [{"vendor": "o", "standby": []}, {"standby": ["other"]}], ids=["itself", "a standby"]
)
def test_a_vendor_whose_streams_lose_something_is_not_listened_to(change):
    """Nor one that may answer instead."""
    models = {**FEW["models"], "talks": {**FEW["models"]["talks"], **change}}
    with pytest.raises(ValidationError, match=r"models\.talks\.stall_s: .* is asked by openai"):
        Models.model_validate({**FEW, "models": models})


def test_the_model_that_answers_at_length_is_listened_to():
    """In the file as it is: the orchestrator's, where it is the first vendor's; not that of short answers."""
    assert "orchestrator" in patience(read(FILE), {})
    assert "triage" not in patience(read(FILE), {})
    assert "orchestrator" not in patience(read(FILE), {"FARM_MODELS": "other-vendor"})
