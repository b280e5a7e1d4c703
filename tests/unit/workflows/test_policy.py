"""What policy says of a call: by its tool, and by what is in its arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from contracts.agents import ToolNature
from contracts.policy import ApprovalPolicy, Condition, Consent, Rule
from workflows.people.policy import Circumstances, ruling

READ, WRITE = ToolNature(read_only=True), ToolNature(once=True, idempotent=True)
POLICY = ApprovalPolicy(
    rules=(
        Rule(tool="crm__add_note", consent=Consent.ALLOW),
        Rule(tool="crm__delete_deal", consent=Consent.DENY),
        Rule(tool="crm__get_salaries", consent=Consent.ASK),
        Rule(tool="crm__add_note", consent=Consent.DENY),
    )
)
CLEAN = Circumstances(tainted=False, model="strong-2")
OURS = ("chaleo.example", "chaleo.test")


@pytest.mark.parametrize(
    ("tool", "nature", "said"),
    [
        ("crm__add_note", WRITE, Consent.ALLOW),
        ("crm__delete_deal", WRITE, Consent.DENY),
        ("crm__get_salaries", READ, Consent.ASK),
        ("crm__get_deal", READ, Consent.ALLOW),
        ("crm__send_mail", WRITE, Consent.ASK),
        ("crm__send_mail", ToolNature(), Consent.ASK),
        ("crm__add_note_v2", WRITE, Consent.ASK),
    ],
)
def test_policy_decides(tool, nature, said):
    """The first rule that names the tool; without one a read runs and a write asks, however safe it says it is."""
    assert ruling(POLICY, tool, nature, {}, CLEAN).consent is said


def applies(consent: Consent, condition: Condition, value: JsonValue) -> bool:
    """Whether a rule with this condition on the argument `x` is the one that decides."""
    rule = Rule(tool="crm__act", consent=consent, why="it applies", where={"x": condition})
    return ruling(ApprovalPolicy(rules=(rule,)), "crm__act", WRITE, {"x": value}, CLEAN) == rule


@pytest.mark.parametrize(
    ("value", "over"),
    [(10_001, True), (10_000, False), (-1, False), ("10001", True), ("10000.00", False), (None, False)],
)
def test_an_amount_is_over_a_limit(value, over):
    """As a number or as its text, the limit itself not; what isn't there is over nothing."""
    for consent in Consent:
        assert applies(consent, Condition(over=10_000), value) == over


@pytest.mark.parametrize(
    ("value", "outside"),
    [
        ("claire@chaleo.example", False),
        ("Claire <CLAIRE@Chaleo.Example>", False),
        ("claire@mail.chaleo.example", False),
        ("claire@chaleo.example.", False),
        ("j@batisseurs.example", True),
        ("claire@chaleo.example, j@batisseurs.example", True),
        (["claire@chaleo.example", "tom@chaleo.test"], False),
        ([{"email": "claire@chaleo.example"}, {"email": "j@batisseurs.example"}], True),
        ("claire@notchaleo.example", True),
        ("claire@chaleo.example.evil.example", True),
        (None, False),
    ],
)
def test_an_address_is_outside_our_domains(value, outside):
    """One stranger among many is enough; a domain below ours is ours, one that ends alike isn't."""
    for consent in Consent:
        assert applies(consent, Condition(outside=OURS), value) == outside


@pytest.mark.parametrize(
    ("value", "found"), [("a 10 % Discount", True), ("as agreed", False), (["x", "DISCOUNT"], True)]
)
def test_a_text_is_of_a_pattern(value, found):
    """In capitals or not, in a list too."""
    for consent in Consent:
        assert applies(consent, Condition(matches="*discount*"), value) == found


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (Condition(over=10), "a lot"),
        (Condition(over=10), [11]),
        (Condition(over=10), True),
        (Condition(outside=OURS), "Claire"),
        (Condition(outside=OURS), 42),
        (Condition(outside=OURS), '"claire@chaleo.example"@evil.example'),
        (Condition(outside=OURS), "claire@chaleo.example@evil.example"),
        (Condition(matches="*x*"), 42),
    ],
)
def test_what_cannot_be_read_counts_for_caution(condition, value):
    """It is asked about, or denied, and never allowed by a rule that didn't understand it."""
    assert applies(Consent.ASK, condition, value)
    assert applies(Consent.DENY, condition, value)
    assert not applies(Consent.ALLOW, condition, value)


def test_no_number_is_within_no_limit():
    """NaN compares with nothing, so it isn't known to be small."""
    assert applies(Consent.ASK, Condition(over=10), "nan")


def test_all_conditions_must_hold():
    """Of one argument, and of several; where one doesn't, the next rule is asked."""
    rules = (
        Rule(
            tool="crm__update_deal",
            consent=Consent.ASK,
            where={"value": Condition(over=10_000), "status": Condition(matches="won")},
        ),
        Rule(tool="crm__update_deal", consent=Consent.ALLOW),
    )
    policy = ApprovalPolicy(rules=rules)

    def said(**arguments: JsonValue) -> Consent:
        return ruling(policy, "crm__update_deal", WRITE, arguments, CLEAN).consent

    assert said(value=20_000, status="won") is Consent.ASK
    assert said(value=20_000, status="open") is Consent.ALLOW
    assert said(value=5, status="won") is Consent.ALLOW
    assert said(status="won") is Consent.ALLOW


@pytest.mark.parametrize(
    ("wants", "tainted", "applies"),
    [(None, True, True), (None, False, True), (True, True, True), (True, False, False), (False, True, False)],
)
def test_a_rule_may_be_for_tainted_runs_or_for_others(wants, tainted, applies):
    """Whether the run has read what strangers wrote; a rule that doesn't say it holds of either."""
    rule = Rule(tool="crm__act", consent=Consent.ALLOW, tainted=wants)
    found = ruling(ApprovalPolicy(rules=(rule,)), "crm__act", WRITE, {}, Circumstances(tainted=tainted, model="m"))
    assert (found == rule) is applies


@pytest.mark.parametrize(("wants", "suspicious", "applies"), [(True, True, True), (True, False, False)])
def test_a_rule_may_be_for_runs_that_read_what_looks_like_orders(wants, suspicious, applies):
    """A heuristic's word may make policy stricter."""
    rule = Rule(tool="crm__act", consent=Consent.DENY, suspicious=wants)
    circumstances = Circumstances(tainted=True, model="m", suspicious=suspicious)
    found = ruling(ApprovalPolicy(rules=(rule,)), "crm__act", WRITE, {}, circumstances)
    assert (found == rule) is applies


@pytest.mark.parametrize(
    ("consent", "models", "model", "applies"),
    [
        (Consent.ASK, ("cheap-*",), "cheap-1", True),
        (Consent.ASK, ("cheap-*",), "Cheap-1", True),
        (Consent.ASK, ("cheap-*", "old"), "old", True),
        (Consent.ASK, ("cheap-*",), "strong-2", False),
        (Consent.ALLOW, ("strong-*",), "strong-2", True),
        (Consent.ASK, ("cheap-*",), "", True),
        (Consent.DENY, ("cheap-*",), "", True),
        (Consent.ALLOW, ("strong-*",), "", False),
        (Consent.ALLOW, (), "", True),
    ],
)
def test_a_rule_may_be_for_what_some_models_propose(consent, models, model, applies):
    """By patterns of their names. A model that isn't known is asked about, and isn't allowed by name."""
    rule = Rule(tool="crm__act", consent=consent, why="so", models=models)
    found = ruling(ApprovalPolicy(rules=(rule,)), "crm__act", WRITE, {}, Circumstances(tainted=False, model=model))
    assert (found == rule) is applies


def test_a_condition_says_something():
    """An empty one would hold of everything, and nobody means that."""
    with pytest.raises(ValidationError, match="needs `over`, `outside` or `matches`"):
        Condition()


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(json)
def test_any_value_has_an_answer(value):
    """Whatever a model makes up: and what an allowing rule takes, an asking one of the same words takes too."""
    for condition in (Condition(over=0), Condition(outside=OURS), Condition(matches="*a*")):
        assert applies(Consent.ASK, condition, value) >= applies(Consent.ALLOW, condition, value)
