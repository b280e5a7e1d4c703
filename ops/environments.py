"""The environments beside the farm's own: `envs/<name>/`, each a locked uv project with its own `.venv`.

Their dependencies conflict with the farm's or with each other's. One is made again when its lock file, its project
file or the farm's Python changed since; otherwise nothing is run and no network is used.
"""

import asyncio
import hashlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ops.errors import FarmError
from ops.places import ROOT

ONE_AT_A_TIME = asyncio.Lock()
"""What the main job needs is asked for first, and should have the network and the processors to itself."""


@dataclass(frozen=True)
class Environment:
    """One of `envs/`."""

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def bin(self) -> Path:
        return self.directory / ".venv" / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"

    @property
    def stamp_file(self) -> Path:
        return self.directory / ".venv" / ".farm-stamp"

    def fingerprint(self) -> str:
        """Changes with the lock file, the project file and the Python version."""
        digest = hashlib.sha256(sys.version.encode())
        for name in ("uv.lock", "pyproject.toml"):
            try:
                digest.update((self.directory / name).read_bytes())
            except FileNotFoundError as error:
                raise FarmError(f"environment {self.name}: {error.filename} is missing") from error
        return digest.hexdigest()

    def is_current(self) -> bool:
        try:
            return self.python.exists() and self.stamp_file.read_text() == self.fingerprint()
        except FileNotFoundError:
            return False

    async def set_up(self) -> float:
        """Make it if it is missing or stale. Returns the seconds that took: 0.0 when there was nothing to do."""
        if self.is_current():
            return 0.0
        async with ONE_AT_A_TIME:
            begun = time.monotonic()
            await self._sync()
            self.stamp_file.write_text(self.fingerprint())
            return time.monotonic() - begun

    async def _sync(self) -> None:
        status, output = await _run(
            await _uv(), "sync", "--locked", "--compile-bytecode", "--project", str(self.directory),
            "--python", sys.executable,
        )  # fmt: skip
        if status:
            raise FarmError(
                f"setting up envs/{self.name} failed (uv sync, exit code {status}):\n{_last_lines(output)}",
                "No network, or a proxy in between? Once set up, the farm needs none.",
            )


def environment(name: str) -> Environment:
    return Environment(ROOT / "envs" / name)


async def _uv() -> str:
    """The script at the door knows which uv to use, and fetches one where there is none."""
    status, output = await _run("sh", str(ROOT / "farm"), "--which-uv")
    if status:
        raise FarmError(f"uv, which makes the environments, could not be had:\n{output}")
    return output.splitlines()[-1]


async def _run(*argv: str) -> tuple[int, str]:
    """Run to the end; ended with us when we are cancelled."""
    ours = {"UV_PYTHON_DOWNLOADS": "never"}
    theirs = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    process = await asyncio.create_subprocess_exec(
        *argv, env=theirs | ours, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return process.returncode or 0, output.decode(errors="replace").strip()


def _last_lines(output: str, count: int = 15) -> str:
    return "\n".join(output.splitlines()[-count:])
