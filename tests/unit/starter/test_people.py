"""Who is asked, as a door knows it before the run is asked."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.people import Deputy, Person
from contracts.policy import ApprovalPolicy
from starter.people import People
from tests.unit.starter.conftest import TOY
from tests.unit.workflows.samples import request

TODAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = ApprovalPolicy(
    people=(Person(id="U0CLAIRE", also=("claire@chaleo.example", "pipedrive:user:11")),),
    deputies=(Deputy(of="U0CLAIRE", by="U0NOAH", since=date(2026, 11, 23), until=date(2026, 11, 23)),),
)


@pytest.mark.parametrize(
    ("name", "asked", "may"),
    [
        ("U0CLAIRE", {}, True),
        ("Claire@chaleo.example", {}, True),
        ("U0NOAH", {}, True),
        ("U0INES", {}, False),
        ("U0INES", {"approvers": ()}, True),
        ("U0INES", {"agent": "unknown", "approvers": ("U0INES",)}, True),
        ("claire@chaleo.example", {"requester": "pipedrive:user:11"}, False),
        ("U0CLAIRE", {"requester": "pipedrive:user:11", "approvers": ()}, False),
    ],
)
def test_who_may_decide(name: str, asked: dict[str, Any], may: bool) -> None:
    """By any name, in somebody's place; not on one's own wish, and anybody where nobody is named."""
    people = People((TOY.model_copy(update={"policy": POLICY}),), now=lambda: TODAY)
    question = request(**{"agent": "toy", "approvers": ("U0CLAIRE",), **asked})
    assert people.may_decide(question, name) == may
