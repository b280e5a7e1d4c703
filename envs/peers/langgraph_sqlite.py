"""LangGraph with its SQLite checkpointer, in process: a model node and its own tool node, a checkpoint a step."""

import asyncio
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tests.bench import script
from tests.bench.drive import drive
from tests.bench.job import Job, Measured
from tests.bench.store_size import file_bytes


@tool
async def lookup(number: int) -> str:
    """Look up record n."""
    return script.record(number)


async def think(state: MessagesState) -> dict[str, Any]:
    turns = int(str(state["messages"][1].content).rpartition(" ")[2])
    found = sum(isinstance(message, ToolMessage) for message in state["messages"])
    wanted = script.next_lookup(found, turns)
    if wanted is None:
        return {"messages": [AIMessage(script.answer(turns))]}
    call = {"name": script.TOOL, "args": {"number": wanted}, "id": f"call-{wanted}"}
    return {"messages": [AIMessage("", tool_calls=[call])]}


def graph() -> StateGraph:
    built = StateGraph(MessagesState)
    built.add_node("model", think)
    built.add_node("tools", ToolNode([lookup]))
    built.add_edge(START, "model")
    built.add_conditional_edges("model", lambda state: "tools" if state["messages"][-1].tool_calls else END)
    built.add_edge("tools", "model")
    return built


async def measure(job: Job) -> Measured:
    file = Path(job.directory) / "langgraph.db"
    async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        app = graph().compile(checkpointer=saver)

        async def run(number: str, turns: int) -> str:
            asked = [SystemMessage(script.SYSTEM), HumanMessage(f"{script.ASKED} {turns}")]
            limits = {"configurable": {"thread_id": number}, "recursion_limit": 3 * turns + 10}
            await app.ainvoke({"messages": asked}, limits, durability="sync")
            return "completed"

        return await drive(job, run, lambda: file_bytes(file))


if __name__ == "__main__":
    job = Job.from_argument()
    asyncio.run(measure(job)).print()
