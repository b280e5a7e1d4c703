"""A decision's way to the run that asked, where the run isn't there or doesn't answer: see also integration/."""

import asyncio
from datetime import timedelta
from typing import cast

from temporalio.client import Client

from contracts.approvals import Decision, Verdict
from starter.decisions import NOT_NOW, Decisions
from tests.unit.starter.fakes import FakeTemporal

YES = Decision(approval="a", verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")


async def test_it_is_given_up_by_the_moment_that_the_asker_names() -> None:
    """Though its own patience would last for an hour: Slack's doesn't."""
    decisions = Decisions(cast("Client", FakeTemporal(hangs=True)), patience=timedelta(hours=1))
    receipt = await decisions.decide("toy:deal:42", YES, by=asyncio.get_running_loop().time() + 0.01)
    assert (receipt.accepted, receipt.message) == (False, NOT_NOW)
