"""`./farm test`: lint, types, tests. What CI runs is this and nothing else."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from ops.console import progress
from ops.environments import environment
from ops.places import ROOT

CHECKS = (("ruff", "check", "--no-cache", "."), ("ruff", "format", "--check", "."), ("mypy", "."))
NEEDED = ("gateway", "phoenix", "page")
NEEDED_FOR_ALL = (*NEEDED, "inspect", "promptfoo", "local-model")
PROCESSES = max(2, min(6, 3 * (os.cpu_count() or 1) // 2))
"""Half as many again as there are cores: a third of the time a workflow test only waits for its server."""

ALONE = ("tests/integration/stack", "tests/integration/bench")
"""Whole stacks, and what is measured: they have the machine to themselves."""

SUITES = (
    ("tests/unit", "tests/replay", "tests/workflow", "-n", str(PROCESSES)),
    # a file's real processes are started once and serve all its tests
    ("tests/integration", *(f"--ignore={folder}" for folder in ALONE), "-n", "2", "--dist", "loadfile"),
    ALONE,
)

NOTHING_CHOSEN = 5
"""pytest's exit code where a selection left no test.

https://docs.pytest.org/en/stable/reference/exit-codes.html
"""

REQUIRE = {"FARM_REQUIRE_ENVS": "1"}
"""Told to the tests: a missing environment is a failure here, and not a reason to skip."""


def test(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="The slow tests too.")] = False,  # noqa: PT028  a verb
) -> None:
    """Lint, type-check and test. Whatever else is given goes to pytest: ./farm test tests/unit -k approvals"""
    for name in NEEDED_FOR_ALL if everything else NEEDED:
        seconds = asyncio.run(environment(name).set_up())
        if seconds:
            progress.print(f"envs/{name} set up in {seconds:.0f} s", style="dim")
    for check in CHECKS:
        _end_with(_status(*check))
    words = (*(() if everything else ("-m", "not slow")), *context.args)
    if any(names_tests(word) for word in context.args):
        _end_with(_status("pytest", *words))
        return
    _end_with(worst([_status("pytest", *suite, *words) for suite in SUITES]))


def worst(ended: Sequence[int]) -> int:
    """The exit code for several suites. One of which a selection left nothing says nothing beside the others."""
    return max(ended, key=lambda status: (status != NOTHING_CHOSEN, status))


def names_tests(word: str) -> bool:
    """Whether it names tests: a file, a folder, or one test of a file."""
    return not word.startswith("-") and (ROOT / word.partition("::")[0]).exists()


def _end_with(status: int) -> None:
    if status:
        raise typer.Exit(status)


def _status(module: str, *words: str) -> int:
    """Run one tool of the environment, with its seconds: the tool's exit code."""
    title = " ".join((module, *words))
    progress.rule(title, align="left", style="dim")
    begun = time.monotonic()
    argv = [sys.executable, "-m", module, *words]
    status = subprocess.run(argv, cwd=ROOT, env={**os.environ, **REQUIRE}, check=False).returncode
    progress.print(f"{title}: {'failed' if status else 'passed'} in {time.monotonic() - begun:.0f} s", style="dim")
    return abs(status)
