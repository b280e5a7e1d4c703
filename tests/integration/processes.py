"""Real processes for a test: started, waited for, and ended with it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = str(ROOT / ".venv/bin/python")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_python(name: str) -> str:
    """The interpreter of envs/<name>, or a skip that says how to install it; a failure with FARM_REQUIRE_ENVS=1."""
    python = ROOT / "envs" / name / ".venv/bin/python"
    if not python.exists():
        missing = f"envs/{name} is not installed: uv sync --project envs/{name} --locked --compile-bytecode"
        if os.environ.get("FARM_REQUIRE_ENVS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return str(python)


@contextmanager
def started(
    argv: Sequence[str], env: Mapping[str, str], *, ready: str = "", log: Path, within: float = 90
) -> Iterator[subprocess.Popen[bytes]]:
    """A process from `argv`, once GET `ready` answers 200. Its output goes to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=output, stderr=output)
    try:
        _wait(process, ready, log, within)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while ready and not _answers(ready):
        ended = process.poll() is not None
        assert not ended, f"{process.args!r} ended with {process.returncode}:\n{log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"{ready} gave no answer in {within} s:\n{log.read_text()[-2000:]}"
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
