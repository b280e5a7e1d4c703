"""The runner, with small stand-in processes."""

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from ops.errors import FarmError
from ops.places import ROOT, Instance
from ops.stack import state
from ops.stack.board import Board
from ops.stack.plan import Plan, make_plan
from ops.stack.processes import ProcessList
from ops.stack.runner import Stack

SERVES = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)"
FAMILY = "import subprocess, time; subprocess.Popen(['sleep', '987654']); time.sleep(100)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plan(tmp_path: Path, **parts: dict[str, Any]) -> Plan:
    listed = {"parts": {name: {"about": name, "argv": ["sleep", "100"], **part} for name, part in parts.items()}}
    return make_plan(ProcessList.model_validate(listed), Instance(tmp_path / "test"), 0, os.environ)


def quiet() -> Board:
    return Board(Console(file=io.StringIO()))


def python(code: str, *words: str) -> list[str]:
    return ["{python}", "-c", code, *words]


async def test_comes_up_in_order_and_goes_down(tmp_path: Path) -> None:
    """A part starts when what it needs is ready, and nothing is left when the block ends."""
    server = {"argv": python(SERVES, "{port}"), "ports": {"http": free_port()}, "ready": "http://127.0.0.1:{port}/"}
    once = {"argv": ["sleep", "0.2"], "once": True, "needs": ["server"]}
    async with Stack(plan(tmp_path, last={"needs": ["once"]}, once=once, server=server), quiet()) as stack:
        parts = stack.state.parts
        assert [parts[name].stage for name in ("server", "once", "last")] == ["ready", "done", "ready"]
        running = state.alive(stack.state)
    assert [each for each in running if each.pid != os.getpid() and each.is_running()] == []


async def test_children_of_a_part_go_too(tmp_path: Path) -> None:
    """A part's own children are in its group, and end with it."""
    async with Stack(plan(tmp_path, family={"argv": python(FAMILY)}), quiet()) as stack:
        process = stack.state.parts["family"].process
        assert process is not None
        while not (children := psutil.Process(process.pid).children()):  # noqa: ASYNC110  it isn't ours to signal
            await asyncio.sleep(0.05)
    psutil.wait_procs(children, timeout=2)
    assert not any(child.is_running() for child in children)


async def test_stubborn_part_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that ignores SIGTERM is killed when its time is up."""
    monkeypatch.setattr("ops.stack.child.GRACE", 0.3)
    async with Stack(plan(tmp_path, stubborn={"argv": python(STUBBORN)}), quiet()) as stack:
        await asyncio.sleep(0.3)
        process = stack.state.parts["stubborn"].process
    assert process is not None
    assert process.find() is None


async def test_part_that_ends_while_starting_shows_its_log(tmp_path: Path) -> None:
    """A part that doesn't come up is named with its last words, and the others are stopped."""
    broken = {"argv": python("import sys; sys.exit('no such table: runs')"), "ready": "tcp://127.0.0.1:1"}
    stack = Stack(plan(tmp_path, broken=broken, other={}), quiet())
    with pytest.raises(FarmError, match=r"broken ended with exit code 1 while starting(.|\n)*no such table: runs"):
        await stack.__aenter__()
    other = stack.state.parts["other"].process
    assert other is None or other.find() is None


async def test_part_that_is_never_ready(tmp_path: Path) -> None:
    """A part that doesn't get ready in its time is named with that time."""
    slow = {"ready": "tcp://127.0.0.1:1", "patience": 0.3}
    with pytest.raises(FarmError, match="slow is not ready after 0 s"):
        await Stack(plan(tmp_path, slow=slow), quiet()).__aenter__()


async def test_part_that_ends_later_is_told(tmp_path: Path) -> None:
    """A part that dies while the stack is up is told, and shown in the state."""
    async with Stack(plan(tmp_path, mortal={}, other={}), quiet()) as stack:
        process = stack.state.parts["mortal"].process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        failure = await asyncio.wait_for(stack.next_failure(), 5)
        assert "mortal was killed by signal 9" in str(failure)
        assert stack.state.parts["mortal"].stage == "ended"


async def test_nobody_waits_for_what_stands_beside(tmp_path: Path) -> None:
    """A part beside the others doesn't hold the start up, and its failure is noted only."""
    beside = {"argv": ["/no/such/program"], "beside": True}
    async with Stack(plan(tmp_path, beside=beside, other={}), quiet()) as stack:
        assert stack.state.parts["other"].stage == "ready"
        assert not await stack.until_ready("beside", 0.3)
        assert "can't be started" in stack.state.parts["beside"].note


async def test_second_start_of_an_instance_is_refused(tmp_path: Path) -> None:
    """Two runners on one set of data would fight."""
    async with Stack(plan(tmp_path, one={}), quiet()):
        with pytest.raises(FarmError, match="runs already"):
            await Stack(plan(tmp_path, one={}), quiet()).__aenter__()


RUNNER = """
import asyncio, os, sys
from pathlib import Path
from rich.console import Console
from ops.places import Instance
from ops.stack.board import Board
from ops.stack.interrupts import run
from ops.stack.plan import make_plan
from ops.stack.processes import ProcessList
from ops.stack.runner import Stack

listed = ProcessList.model_validate({"parts": {"a": {"about": "a", "argv": ["sleep", "100"]}}})

async def main():
    plan = make_plan(listed, Instance(Path(sys.argv[1])), 0, os.environ)
    async with Stack(plan, Board(Console(stderr=True))) as stack:
        print(stack.state.parts["a"].process.pid, flush=True)
        await asyncio.sleep(100)

run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_ended_runner_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM or even SIGKILL of the runner: its parts are gone."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path / "test")], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as runner:  # fmt: skip
        assert runner.stdout is not None
        part = psutil.Process(int(runner.stdout.readline()))
        runner.send_signal(number)
        code = runner.wait(10)
    deadline = time.monotonic() + 5
    while part.is_running() and part.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not part.is_running() or part.status() == psutil.STATUS_ZOMBIE
    assert code == (-number if number == signal.SIGKILL else 128 + number)


async def test_a_part_is_taken_away_and_brought_back(tmp_path: Path) -> None:
    """It is killed outright, which is no failure; it comes back as another process on the same port, and is watched."""
    server = {"argv": python(SERVES, "{port}"), "ports": {"http": free_port()}, "ready": "http://127.0.0.1:{port}/"}
    async with Stack(plan(tmp_path, server=server), quiet()) as stack:
        first = stack.state.parts["server"].process
        await stack.take_away("server")
        assert stack.state.parts["server"].stage == "stopped"
        assert first is not None
        assert first.find() is None
        await stack.bring_back("server")
        assert stack._failures.empty()
        second = stack.state.parts["server"].process
        assert second is not None
        assert (stack.state.parts["server"].stage, second.pid == first.pid) == ("ready", False)
        os.kill(second.pid, signal.SIGKILL)
        assert "server was killed by signal 9" in (await asyncio.wait_for(stack.next_failure(), 5)).what
