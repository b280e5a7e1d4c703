"""A place of its own for each stack that a test starts: ports and data beside whatever else runs."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from ops.demo.watching import A_MICRODOLLAR
from ops.places import PROCESSES, ROOT
from ops.stack.processes import read

OFFSETS = range(20_000, 40_000, 250)
CRM = 8201
T = TypeVar("T")


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

    def at(self, port: int) -> str:
        """The address of what listens on this port by default."""
        return f"http://127.0.0.1:{port + self.offset}"

    def mail(self, deal: int, body: str) -> None:
        """A client's mail arrives in the CRM."""
        letter = {"deal_id": deal, "subject": "Votre offre", "body": body}
        httpx.post(f"{self.at(CRM)}/sandbox/mail-in", json=letter, trust_env=False).raise_for_status()

    def crm(self, what: str, **query: object) -> Any:
        """What the sandbox CRM says of itself: `changes`, `outbox`."""
        return httpx.get(f"{self.at(CRM)}/sandbox/{what}", params=query, trust_env=False).raise_for_status().json()

    def question(self, entity: str) -> dict[str, Any]:
        """What waits for a person's decision on this entity, once it does."""

        def asked() -> dict[str, Any] | None:
            waiting = json.loads(self.run("approvals", "--json").stdout)
            return next((each for each in waiting if each["entity"] == entity), None)

        return until(asked, f"a question about {entity}")

    def story(self, entity: str) -> dict[str, Any]:
        """The newest run of an entity, once it has ended."""

        def ended() -> dict[str, Any] | None:
            told = self.run("trace", entity, "--json")
            found: dict[str, Any] = json.loads(told.stdout) if told.returncode == 0 else {}
            return found if found and found["run"]["status"] in ("done", "skipped", "failed") else None

        return until(ended, f"the end of {entity}'s run")

    def whole_story(self, entity: str) -> dict[str, Any]:
        """The same, once what nobody waits for is in it, and the run's record has caught up with the ledger."""

        def learnt() -> dict[str, Any] | None:
            told = self.story(entity)
            thought = {each.get("role") for each in told["moments"]}
            counted = abs(told["run"]["cost_usd"] - told["cost_usd"]) < A_MICRODOLLAR
            return told if "insight" in thought and counted else None

        return until(learnt, f"what {entity}'s run learnt")

    def listens(self) -> list[int]:
        """Which of its ports someone listens on."""
        return [port for port in self.ports() if _answers(port)]

    def _env(self) -> dict[str, str]:
        return {**os.environ, "FARM_HOME": str(self.home), "FARM_PORT_OFFSET": str(self.offset)}


def until(look: Callable[[], T | None], what: str, seconds: float = 90) -> T:
    """The first answer that isn't None."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}, in vain"
        time.sleep(0.3)
    return found


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
