"""The same roles on a server that speaks OpenAI's chat completions alone."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from tests.integration.model_gateway import ModelGateway, model_gateway
from tests.serving import served

pytestmark = [pytest.mark.stack, pytest.mark.slow]

TOOLS = [{"name": "crm__get_deal", "description": "A deal", "input_schema": {"type": "object", "properties": {}}}]


class ChatServer:
    """Answers with what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.says: dict[str, Any] = {}
        self.app = Starlette(routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])])

    async def complete(self, request: Request) -> JSONResponse:
        self.asked = await request.json()
        message = {"role": "assistant", "content": None, **self.says}
        finish = "tool_calls" if "tool_calls" in message else "stop"
        choice = {"index": 0, "message": message, "finish_reason": finish}
        usage = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
        return JSONResponse(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 0,
                "model": "small-one",
                "choices": [choice],
                "usage": usage,
            }
        )


@pytest.fixture(scope="module")
def server() -> ChatServer:
    return ChatServer()


@pytest.fixture(scope="module")
def stack(server: ChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelGateway]:
    with (
        served(server.app) as address,
        model_gateway(tmp_path_factory.mktemp("model-server"), FARM_MODEL_SERVER=address) as running,
    ):
        yield running


@pytest.fixture
async def gateway(stack: ModelGateway) -> AsyncIterator[Gateway]:
    client = Gateway(stack.url, stack.key)
    yield client
    await client.close()


def _call(**more: object) -> Call:
    asked: dict[str, object] = {"role": "triage", "system": "You sort.", "call_id": "c"}
    return Call.model_validate({**asked, "messages": [{"role": "user", "content": "hello"}], **more})


async def test_a_schema_reaches_a_chat_server_as_its_response_format(gateway: Gateway, server: ChatServer) -> None:
    """A structured answer is asked for in the server's own way, and costs nothing."""
    server.says = {"content": '{"act": true}'}
    schema = {
        "title": "Sorted",
        "type": "object",
        "properties": {"act": {"type": "boolean"}},
        "required": ["act"],
    }
    answer = await gateway.complete(_call(answer_schema=schema))
    assert json.loads(answer.text) == {"act": True}
    assert server.asked["response_format"]["json_schema"]["schema"]["required"] == ["act"]
    assert (answer.model, answer.cost_usd) == ("small-one", 0)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (20, 5)


async def test_tools_reach_a_chat_server_and_its_calls_come_back(gateway: Gateway, server: ChatServer) -> None:
    """Tool definitions go out as functions; a function call comes back as a tool use."""
    function = {"name": "crm__get_deal", "arguments": '{"deal_id": 42}'}
    server.says = {"tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    answer = await gateway.complete(_call(tools=TOOLS))
    assert server.asked["tools"][0]["function"]["name"] == "crm__get_deal"
    assert [(use.name, use.arguments) for use in answer.tool_uses] == [("crm__get_deal", {"deal_id": 42})]
    assert answer.stop_reason == "tool_use"


async def test_a_chat_server_is_told_not_to_use_tools(gateway: Gateway, server: ChatServer) -> None:
    """A final answer keeps the tools in sight and forbids them."""
    server.says = {"content": "done"}
    await gateway.complete(_call(tools=TOOLS, may_use_tools=False))
    assert server.asked["tool_choice"] == "none"
