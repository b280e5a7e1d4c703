import pytest

from sandbox.slack.envelope import Refusal
from sandbox.slack.triggers import Triggers


@pytest.mark.parametrize(("waited", "error"), [(2.9, None), (3.1, "expired_trigger_id")])
def test_trigger_lives_three_seconds(waited, error):
    """A modal may be opened within three seconds of the click, and not later."""
    clock = iter([100.0, 100.0 + waited])
    triggers = Triggers(lambda: next(clock))
    trigger = triggers.issue("U0CLAIRE")

    if error is None:
        assert triggers.exchange(trigger) == "U0CLAIRE"
        return
    with pytest.raises(Refusal) as caught:
        triggers.exchange(trigger)
    assert caught.value.error == error


def test_invented_trigger_is_refused():
    """A trigger nobody was given opens nothing."""
    with pytest.raises(Refusal, match="invalid_trigger_id"):
        Triggers().exchange("1.2.abc")
