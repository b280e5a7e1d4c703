"""Reading a failure out of its wrappings, as Temporal hands it to the entity's workflow."""

import pytest
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    TerminatedError,
)

from workflows.failures import OUT_OF_BUDGET, ended_by_a_person, root_cause


def child(cause: BaseException) -> ChildWorkflowError:
    failed = ChildWorkflowError(
        "child failed",
        namespace="default",
        workflow_id="sales:deal:42/run-1",
        run_id="r",
        workflow_type="SalesRun",
        initiated_event_id=1,
        started_event_id=2,
        retry_state=None,
    )
    failed.__cause__ = cause
    return failed


def activity(cause: BaseException) -> ActivityError:
    failed = ActivityError(
        "activity failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="call_model",
        activity_id="1",
        retry_state=None,
    )
    failed.__cause__ = cause
    return failed


def ours(message: str, type: str = "permanent") -> ApplicationError:  # noqa: A002  Temporal's own word
    error = ApplicationError(message, type=type)
    error.__cause__ = ApplicationError("Error code: 401, from the depths of a library", type="AuthenticationError")
    return error


def test_our_own_sentence_is_the_reason():
    """Not what a library said below it."""
    assert str(root_cause(child(activity(ours("the key is not valid"))))).endswith("the key is not valid")


@pytest.mark.parametrize(
    ("cause", "by_a_person"),
    [
        (ours("budget refused", OUT_OF_BUDGET), True),
        (TerminatedError("terminated"), True),
        (CancelledError("cancelled"), True),
        (activity(ours("no such model")), False),
        (ours("no valid answer", "AnswerUnusable"), False),
    ],
)
def test_another_try_is_wanted_unless_a_person_ended_it(cause, by_a_person):
    """Cancelled, terminated, or refused more budget."""
    assert ended_by_a_person(child(cause)) is by_a_person
