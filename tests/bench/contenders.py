"""The systems that are compared, each a process of its own that takes a job and reports what it measured."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ops.environments import environment
from ops.errors import FarmError
from ops.places import ROOT, farm_python
from tests.bench.job import Job, Measured
from tests.bench.stand import Stand

PEERS = "peers"
PATIENCE_S = 3600
PEER_PATIENCE_S = 400
"""A peer that says nothing for so long is a row that says so, and no reason to lose the others'."""


@dataclass(frozen=True)
class System:
    name: str
    argv: tuple[str, ...]
    peer: bool = True
    on_temporal: bool = False


FARMSTEAD = System("Farmstead", ("-m", "tests.bench.farmstead"), peer=False, on_temporal=True)
ALL = (
    FARMSTEAD,
    System("PydanticAI on Temporal", ("envs/peers/pydantic_ai_temporal.py",), on_temporal=True),
    System("OpenAI Agents on Temporal", ("envs/peers/openai_agents_temporal.py",), on_temporal=True),
    System("LangGraph, SQLite", ("envs/peers/langgraph_sqlite.py",)),
    System("DBOS, SQLite", ("envs/peers/dbos_sqlite.py",)),
)


async def systems(peers: bool) -> tuple[System, ...]:
    """Those to be measured; the peers' environment is set up first where it is missing."""
    if not peers:
        return (FARMSTEAD,)
    await environment(PEERS).set_up()
    return ALL


async def measure(system: System, job: Job) -> Measured:
    if not system.peer:
        return Measured(**await run(system.name, (str(farm_python()), *system.argv), job))
    argv = (str(environment(PEERS).python), *system.argv)
    try:
        return Measured(**await run(system.name, argv, job, PEER_PATIENCE_S))
    except FarmError as error:
        return Measured(outcome=str(error).splitlines()[0])
    except TimeoutError:
        return Measured(outcome=f"no end within {PEER_PATIENCE_S} s")


class Told(Protocol):
    """What a process is told, as its last argument. In `directory` it finds room for files of its own."""

    @property
    def directory(self) -> str: ...

    def as_argument(self) -> str: ...


async def run(name: str, argv: tuple[str, ...], job: Told, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """One job in a fresh process: what its last line says. FarmError with the end of its complaints where it fails."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        job.as_argument(),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complaints = await asyncio.wait_for(process.communicate(), patience_s)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log = Path(job.directory) / "complaints.log"
        log.write_bytes(complaints)
        raise FarmError(
            f"{name} failed; the whole of what it said is in {log}. Its beginning:\n{complaints[:2000].decode()}"
        )
    result: dict[str, Any] = json.loads(said.splitlines()[-1])
    return result


def job(stand: Stand, system: System, *, turns: int, runs: int = 1, concurrent: int = 1, mode: str = "plain") -> Job:
    directory = stand.room(f"{system.name.split()[0].lower().strip(',')}-{mode}-{turns}-{concurrent}")
    return Job(turns, runs, concurrent, stand.temporal, str(directory), mode, stand.tool_url)
