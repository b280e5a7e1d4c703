"""What may change something has a rule, or its agent doesn't work."""

from contracts.agents import ToolNature
from contracts.policy import ApprovalPolicy, Condition, Consent, Precondition, Rule
from workflows.people.strict import unknown, unruled

READ, WRITE = ToolNature(read_only=True), ToolNature(idempotent=True, once=True)
NOTE = Rule(tool="crm__add_note", consent=Consent.ALLOW)
POLICY = ApprovalPolicy(rules=(NOTE,))


def test_what_only_reads_needs_no_rule():
    """Nor does what has one, whatever it says and however narrow it is: the rest of its calls are asked about."""
    narrow = NOTE.model_copy(update={"where": {"content": Condition(matches="*!*")}})
    tools = {"crm__get_deal": READ, "crm__add_note": WRITE}
    assert unruled("sales", POLICY, tools) == ""
    assert unruled("sales", ApprovalPolicy(rules=(narrow,)), tools) == ""


def test_what_may_change_something_is_told_with_the_line_that_mends_it():
    """Agent, tools, what they declare, and where the lines belong."""
    tools = {"crm__delete_deal": ToolNature(), "crm__add_note": WRITE, "crm__close_deal": WRITE}
    assert unruled("sales", POLICY, tools) == (
        "sales has tools that may change something, and no rule of its policy names them: "
        "crm__close_deal (declared idempotent and once), crm__delete_deal (nothing declared). "
        "Say what is to become of their calls, among the rules in workflows/sales/agent.py:\n"
        '    Rule(tool="crm__close_deal", consent=Consent.ASK, why="..."),\n'
        '    Rule(tool="crm__delete_deal", consent=Consent.ASK, why="..."),'
    )


def test_a_slip_of_the_pen_is_told():
    """A rule for a tool that its server doesn't have, and a precondition that reads such a one."""
    still = (Precondition(reads="crm__get_dael", arguments={"deal_id": "deal_id"}, fields=("status",)),)
    rules = (NOTE, Rule(tool="crm__send_mial", consent=Consent.ASK), Rule(tool="erp__pay", consent=Consent.ASK))
    policy = ApprovalPolicy(rules=(*rules, Rule(tool="crm__send_mail", consent=Consent.ASK, still=still)))
    assert unknown("sales", policy, {"crm__add_note", "crm__send_mail"}, {"crm"}) == (
        "`still` of sales's rule for crm__send_mail reads crm__get_dael, which crm doesn't have",
        "a rule of sales names crm__send_mial, which crm doesn't have",
    )
