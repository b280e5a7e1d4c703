"""What people do to a run at work is kept until the run can heed it, and told once."""

from contracts.steering import Pause, Resume, Steer
from workflows.run.reins import Reins


def test_words_are_heard_once_in_order():
    """Several said between two turns reach the model together, each with its speaker."""
    reins = Reins()
    assert reins.steer(Steer(text="No discount", by="claire")).accepted
    reins.steer(Steer(text="Write in French", by="tom"))
    assert reins.hear() == (
        "A person (claire) tells you while you work: No discount\n\n"
        "A person (tom) tells you while you work: Write in French"
    )
    assert reins.hear() == ""


def test_a_word_that_comes_too_late_is_refused():
    """Once the thinking is over, the sender is told that nobody will hear it."""
    reins = Reins(deaf=True)
    receipt = reins.steer(Steer(text="Wait"))
    assert (receipt.accepted, reins.steered, reins.unrecorded) == (False, [], [])
    assert "too late" in receipt.message


def test_pausing_twice_is_pausing_once():
    """The first one holds it; any resume lets it go, and one without a pause means nothing."""
    reins = Reins()
    reins.resume(Resume(by="tom"))
    reins.pause(Pause(by="claire"))
    reins.pause(Pause(by="tom"))
    assert reins.paused_by == "claire"
    reins.resume(Resume(by="tom"))
    assert reins.paused_by == ""
    assert [type(each).__name__ for each in reins.unrecorded] == ["Pause", "Resume"]
