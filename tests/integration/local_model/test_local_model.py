"""A real language model behind the roles, too small to be right: only the structure of its answers is looked at."""

import pytest
from pydantic import ValidationError

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from tests.integration.processes import ROOT
from workflows.sales.answers import TriageDecision

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MODEL = "SmolLM2-135M-Instruct.Q4_1"
TRIAGE = (ROOT / "workflows/sales/prompts/triage.md").read_text()
GET_DEAL = {
    "name": "crm__get_deal",
    "description": "Read a deal.",
    "input_schema": {"type": "object", "properties": {"deal_id": {"type": "integer"}}, "required": ["deal_id"]},
}


def _call(role: str, **more: object) -> Call:
    return Call.model_validate(
        {
            "role": role,
            "system": TRIAGE,
            "messages": [{"role": "user", "content": "Deal 42, new mail from the client: could you send a new offer?"}],
            "max_tokens": 200,
            "call_id": f"sales:deal:42/run-1/{role}-1",
            "tags": {"agent": "sales", "entity": "deal:42"},
            **more,
        }
    )


async def test_triage_is_answered_by_a_real_model_within_its_schema(gateway: Gateway) -> None:
    """The text is JSON that fits the answer's schema, or says that it was cut; tokens are counted, and cost nothing."""
    answer = await gateway.complete(_call("triage", answer_schema=TriageDecision.model_json_schema()))
    assert answer.model == MODEL
    assert answer.usage.input_tokens + answer.usage.cache_read_tokens > 100
    assert 0 < answer.usage.output_tokens <= 200
    assert answer.cost_usd == 0
    # a length is told to the model and not held to; where tokens run out, the JSON ends in the middle
    may_be_wrong = {"end_turn": {"string_too_long"}, "max_tokens": {"string_too_long", "json_invalid"}}
    assert _wrong(answer.text) <= may_be_wrong[answer.stop_reason], answer.text


async def test_a_conversation_with_tools_reaches_a_real_model(gateway: Gateway) -> None:
    """Tools, a tool use and its result are translated to the server's protocol, and it answers."""
    conversation = [
        {"role": "user", "content": "Read deal 42."},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": GET_DEAL["name"], "input": {"deal_id": 42}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": '{"value": 48600}'}]},
    ]
    answer = await gateway.complete(
        _call("orchestrator", messages=conversation, tools=[GET_DEAL], may_use_tools=False, max_tokens=40)
    )
    assert answer.model == MODEL
    assert answer.usage.output_tokens > 0
    assert not answer.tool_uses


def _wrong(text: str) -> set[str]:
    """The kinds of what doesn't fit the triage's answer: none where it fits."""
    try:
        TriageDecision.model_validate_json(text)
    except ValidationError as error:
        return {each["type"] for each in error.errors()}
    return set()
