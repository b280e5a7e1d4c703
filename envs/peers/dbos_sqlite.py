"""DBOS on SQLite, in process: the loop as a workflow, the model and the tool as its steps."""

import asyncio
from pathlib import Path
from typing import Any

from dbos import DBOS, SetWorkflowID

from tests.bench import script
from tests.bench.drive import drive
from tests.bench.job import Job, Measured
from tests.bench.store_size import file_bytes


@DBOS.step()
async def think(conversation: list[dict[str, Any]], turns: int) -> dict[str, Any]:
    found = sum(each["role"] == "tool" for each in conversation)
    wanted = script.next_lookup(found, turns)
    if wanted is None:
        return {"role": "assistant", "content": script.answer(turns)}
    return {"role": "assistant", "tool": script.TOOL, "arguments": {"number": wanted}, "id": f"call-{wanted}"}


@DBOS.step()
async def lookup(number: int) -> str:
    return script.record(number)


@DBOS.workflow()
async def converse(turns: int) -> str:
    conversation: list[dict[str, Any]] = [
        {"role": "system", "content": script.SYSTEM},
        {"role": "user", "content": f"{script.ASKED} {turns}"},
    ]
    while True:
        said = await think(conversation, turns)
        conversation.append(said)
        if "tool" not in said:
            return str(said["content"])
        found = await lookup(**said["arguments"])
        conversation.append({"role": "tool", "id": said["id"], "content": found})


async def measure(job: Job, file: Path) -> Measured:
    async def run(number: str, turns: int) -> str:
        with SetWorkflowID(number):
            await converse(turns)
        return "completed"

    return await drive(job, run, lambda: file_bytes(file))


def main() -> None:
    job = Job.from_argument()
    file = Path(job.directory) / "dbos.db"
    DBOS(config={"name": "peer", "system_database_url": f"sqlite:///{file}", "log_level": "ERROR"})
    DBOS.launch()
    try:
        asyncio.run(measure(job, file)).print()
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    main()
