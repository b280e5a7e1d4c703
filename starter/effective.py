"""A question as it stands now. Where two must agree, the first may have changed what would run: that is what the next
one decides on. Pure.
"""

from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.effects import arguments_hash


def as_it_would_run(record: ApprovalRecord) -> ApprovalRequest:
    """The request with the arguments that would run now, and their hash."""
    if record.approved_arguments is None:
        return record.request
    changed = {"arguments": record.approved_arguments, "arguments_hash": arguments_hash(record.approved_arguments)}
    return record.request.model_copy(update=changed)
