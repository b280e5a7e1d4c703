"""A place of its own for each stack that a test starts: ports and data beside whatever else runs."""

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.places import PROCESSES, ROOT
from ops.stack.processes import read

OFFSETS = range(20_000, 40_000, 250)


@dataclass(frozen=True)
class Farm:
    """`./farm` with its own `.farm/` and its own ports."""

    home: Path
    offset: int

    def command(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [ROOT / "farm", *words], cwd=self.home, env=self._env(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
        process = self.command(*words)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)

    def ports(self) -> list[int]:
        return [port + self.offset for part in read(PROCESSES).parts.values() for port in part.ports.values()]

    def listens(self) -> list[int]:
        """Which of its ports someone listens on."""
        return [port for port in self.ports() if _answers(port)]

    def _env(self) -> dict[str, str]:
        return {**os.environ, "FARM_HOME": str(self.home), "FARM_PORT_OFFSET": str(self.offset)}


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A farm with nothing running in it, before and after."""
    home = tmp_path_factory.mktemp("farm")
    made = next(found for offset in OFFSETS if not (found := Farm(home, offset)).listens())
    yield made
    made.run("down")
