"""Reading a failure that Temporal has wrapped: once for the activity, once more for the child workflow."""

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    TerminatedError,
    is_cancelled_exception,
)

# The type of the failure of a run whose budget a person didn't extend: another try would spend it again unasked.
OUT_OF_BUDGET = "OutOfBudget"


def root_cause(failure: BaseException) -> BaseException:
    """What we or the server said went wrong, out of its wrappings; not the library's error that may lie below it."""
    wrapped = isinstance(failure, ActivityError | ChildWorkflowError) and failure.__cause__
    return root_cause(wrapped) if wrapped else failure


def kind_of(failure: BaseException) -> str:
    """The kind that an activity gave its failure (`budget`, `context_too_long`, ...); empty where it gave none."""
    root = root_cause(failure)
    return (root.type or "") if isinstance(root, ApplicationError) else ""


def ended_by_a_person(failure: BaseException) -> bool:
    """Cancelled, terminated, or refused more budget: nobody wants another try."""
    root = root_cause(failure)
    stopped = is_cancelled_exception(failure) or isinstance(root, TerminatedError)
    return stopped or (isinstance(root, ApplicationError) and root.type == OUT_OF_BUDGET)
