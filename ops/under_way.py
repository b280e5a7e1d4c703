"""What a run waits for at this moment, by the signs of life of its calls. Temporal has them, so no worker is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client
from temporalio.service import RPCError

from ops.connections import Addresses, temporal
from ops.entities import GLANCE
from ops.errors import FarmError


async def under_way(run: str, where: Addresses) -> Sequence[str]:
    """A line for each call that a worker is at; none where Temporal is away or knows no such run."""
    try:
        client = await temporal(where)
        found = await client.get_workflow_handle(run).describe(rpc_timeout=GLANCE)
    except (FarmError, RPCError):
        return ()
    pending = [each for each in found.raw_description.pending_activities if _is_at_work(each)]
    return [await _told(client, each, datetime.now(UTC)) for each in pending]


def _is_at_work(pending: PendingActivityInfo) -> bool:
    return pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


async def _told(client: Client, pending: PendingActivityInfo, now: datetime) -> str:
    """In the call's own words; before it has said anything, what it is and since when."""
    begun, heard = _moment(pending.last_started_time), _moment(pending.last_heartbeat_time)
    tried = f", attempt {pending.attempt}" if pending.attempt > 1 else ""
    # of an earlier attempt the last words stay until this one says some
    details = pending.heartbeat_details.payloads if heard > begun else ()
    said = await client.data_converter.decode(details)
    if not said:
        return f"{pending.activity_type.name}, begun {_ago(begun, now)}{tried}"
    return f"{said[0]} (said {_ago(heard, now)}{tried})"


def _moment(told: Timestamp) -> datetime:
    return told.ToDatetime(UTC)


def _ago(then: datetime, now: datetime) -> str:
    return f"{max(0.0, (now - then).total_seconds()):.0f} s ago"
