"""Who a question is put to, by the agents' declarations: for lists and editors. Whether a decision counts is the run's
word alone.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from contracts.agents import AgentSpec
from contracts.approvals import ApprovalRequest
from contracts.approvers import may_decide, person
from contracts.policy import ApprovalPolicy


def _now() -> datetime:
    return datetime.now(UTC)


class People:
    """The people that the agents know, with all their names and their deputies."""

    def __init__(self, agents: Iterable[AgentSpec], now: Callable[[], datetime] = _now) -> None:
        self._policies = {agent.name: agent.policy for agent in agents}
        self._now = now

    def may_decide(self, request: ApprovalRequest, name: str) -> bool:
        """Whether somebody of this name is among those who are asked, today."""
        policy = self._policies.get(request.agent, ApprovalPolicy())
        who = person(policy, name)
        if request.requester and not policy.own_wish and who == person(policy, request.requester):
            return False
        return not request.approvers or who in may_decide(policy, request.approvers, self._now())
