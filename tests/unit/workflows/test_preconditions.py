"""What has changed between a question and its answer, in words."""

import pytest

from contracts.policy import Consent, Precondition, Rule
from workflows.people.preconditions import changes

READ = Precondition(reads="crm__get_deal", arguments={"deal_id": "deal_id"}, fields=("status", "stage"))
RULE = Rule(tool="crm__send_mail", consent=Consent.ASK, still=(READ,))
STATUS, STAGE = "crm__get_deal status", "crm__get_deal stage"
BEFORE = {STATUS: "open", STAGE: "Offer"}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (BEFORE, BEFORE, ""),
        (BEFORE, {**BEFORE, STAGE: "Lost"}, "stage: from Offer to Lost"),
        (BEFORE, {STATUS: "lost", STAGE: None}, "status: from open to lost; stage: from Offer to nothing"),
        (BEFORE, {STATUS: "open"}, "stage: can't be read"),
        ({STATUS: "open"}, BEFORE, "stage: Offer now, and couldn't be read when this was asked"),
        ({}, {}, "status: can't be read; stage: can't be read"),
        ({**BEFORE, STAGE: None}, {**BEFORE, STAGE: None}, ""),
    ],
)
def test_a_change_is_told_and_so_is_what_cannot_be_read(before, now, told):
    """Nothing is taken to be as it was that nobody has seen."""
    assert changes(RULE, before, now) == told


def test_what_the_rule_does_not_name_may_change():
    """A question isn't asked anew for what nobody cares about."""
    assert changes(RULE, BEFORE, {**BEFORE, "crm__get_deal title": "new"}) == ""
