"""OpenAI Agents on Temporal: its plugin, its test model, the tool as an activity (its documented way)."""

import asyncio
from datetime import timedelta
from typing import Any

from agents import Agent, Model, ModelResponse, Runner
from temporalio import activity, workflow
from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
from temporalio.openai_agents.testing import ResponseBuilders, TestModelProvider
from temporalio.openai_agents.workflow import activity_as_tool

from tests.bench import script
from tests.bench.job import Job


class ScriptedModel(Model):
    async def get_response(self, system_instructions: str | None, input: Any, *_: Any, **__: Any) -> ModelResponse:
        items = [{"content": input}] if isinstance(input, str) else input
        turns = int(str(items[0]["content"]).rpartition(" ")[2])
        wanted = script.next_lookup(sum(item.get("type") == "function_call_output" for item in items), turns)
        if wanted is None:
            return ResponseBuilders.output_message(script.answer(turns))
        return ResponseBuilders.tool_call(f'{{"number": {wanted}}}', script.TOOL, call_id=f"call-{wanted}")

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


@activity.defn
async def lookup(number: int) -> str:
    """Look up record n."""
    return script.record(number)


@workflow.defn
class PeerRun:
    @workflow.run
    async def run(self, turns: int) -> str:
        tool = activity_as_tool(lookup, start_to_close_timeout=timedelta(seconds=60))
        agent = Agent(name="peer", instructions=script.SYSTEM, tools=[tool])
        result = await Runner.run(agent, f"{script.ASKED} {turns}", max_turns=turns + 1)
        return str(result.final_output)


def plugin() -> OpenAIAgentsPlugin:
    return OpenAIAgentsPlugin(
        model_params=ModelActivityParameters(start_to_close_timeout=timedelta(seconds=60)),
        model_provider=TestModelProvider(ScriptedModel()),
    )


if __name__ == "__main__":
    from on_temporal import measure

    job = Job.from_argument()
    asyncio.run(measure(job, "openai-agents", PeerRun, [lookup], plugin(), "lookup")).print()
