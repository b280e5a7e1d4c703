"""A person's decision, handed to the run that asked; what came of it, in any case, as a receipt."""

import asyncio
import logging
import math
from datetime import timedelta

from temporalio.client import Client
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode

from contracts.approvals import Decision, DecisionReceipt
from contracts.names import DECIDE

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=2)
"""Slack shows an error to the person after 3 s."""

TOO_LATE = "too late:"
"""How a receipt begins, a run's or ours, where the question is closed and no other decision would count either."""

OVER = f"{TOO_LATE} the run that asked is over"
NOT_NOW = "the run could not be reached just now; please decide again in a moment"


class Decisions:
    """Sends decisions as the workflow update `decide`, which says whether it counted."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    async def decide(self, workflow_id: str, decision: Decision, by: float = math.inf) -> DecisionReceipt:
        """The run's own receipt, or one that says why there is none. Never raises for a run that can't be reached.

        `by`: the latest moment for it, by the loop's clock, where that comes before the patience is over.

        An update that took too long may still count: deciding again is then answered with "too late: already ...".
        """
        at_most = asyncio.get_running_loop().time() + self._patience.total_seconds()
        try:
            async with asyncio.timeout_at(min(by, at_most)):
                receipt: DecisionReceipt = await self._client.get_workflow_handle(workflow_id).execute_update(
                    DECIDE, decision, result_type=DecisionReceipt, rpc_timeout=self._patience
                )
                return receipt
        except RPCError as error:
            log.warning("decision on %s not taken: %s", decision.approval, error.status.name)
            return _refused(OVER if error.status is RPCStatusCode.NOT_FOUND else NOT_NOW)
        except (TimeoutError, TemporalError, RuntimeError) as error:  # RuntimeError: the SDK's word for "can't connect"
            log.warning("decision on %s not taken: %s", decision.approval, type(error).__name__)
            return _refused(NOT_NOW)


def _refused(message: str) -> DecisionReceipt:
    return DecisionReceipt(accepted=False, message=message)
