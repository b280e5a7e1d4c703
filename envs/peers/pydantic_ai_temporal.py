"""PydanticAI on Temporal: its `TemporalDurability`, its `FunctionModel`, a plain function as the tool."""

import asyncio

from pydantic_ai import Agent
from pydantic_ai.durable_exec.temporal import PydanticAIPlugin, PydanticAIWorkflow, TemporalDurability
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.toolsets import FunctionToolset
from pydantic_ai.usage import UsageLimits
from temporalio import workflow

from tests.bench import script
from tests.bench.job import Job


def think(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    turns = int(str(messages[0].parts[0].content).rpartition(" ")[2])
    found = sum(isinstance(part, ToolReturnPart) for message in messages for part in message.parts)
    wanted = script.next_lookup(found, turns)
    if wanted is None:
        return ModelResponse([TextPart(script.answer(turns))])
    return ModelResponse([ToolCallPart(script.TOOL, {"number": wanted}, tool_call_id=f"call-{wanted}")])


async def lookup(number: int) -> str:
    """Look up record n."""
    return script.record(number)


agent = Agent(
    FunctionModel(think),
    name="peer",
    instructions=script.SYSTEM,
    toolsets=[FunctionToolset([lookup], id="tools")],
    capabilities=[TemporalDurability()],
)


@workflow.defn
class PeerRun(PydanticAIWorkflow):
    __pydantic_ai_agents__ = [agent]

    @workflow.run
    async def run(self, turns: int) -> str:
        result = await agent.run(f"{script.ASKED} {turns}", usage_limits=UsageLimits(request_limit=None))
        return result.output


if __name__ == "__main__":
    from on_temporal import measure

    job = Job.from_argument()
    asyncio.run(measure(job, "pydantic-ai", PeerRun, [], PydanticAIPlugin(), "call_tool")).print()
