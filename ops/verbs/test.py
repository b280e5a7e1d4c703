"""`./farm test`: lint, types, tests. What CI runs is this and nothing else."""

import asyncio
import os
import subprocess
import sys
import time
from typing import Annotated

import typer

from ops.console import progress
from ops.environments import environment
from ops.places import ROOT

CHECKS = (("ruff", "check", "--no-cache", "."), ("ruff", "format", "--check", "."), ("mypy", "."))
NEEDED = ("gateway", "phoenix", "page")
NEEDED_FOR_ALL = (*NEEDED, "inspect", "promptfoo", "local-model")
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
        _step(*check)
    selection = () if everything else ("-m", "not slow")
    _step("pytest", *selection, *context.args)


def _step(module: str, *words: str) -> None:
    """Run one tool of the environment, with its seconds; a failure ends it all with the tool's exit code."""
    title = " ".join((module, *words))
    progress.rule(title, align="left", style="dim")
    begun = time.monotonic()
    argv = [sys.executable, "-m", module, *words]
    status = subprocess.run(argv, cwd=ROOT, env={**os.environ, **REQUIRE}, check=False).returncode
    progress.print(f"{title}: {'failed' if status else 'passed'} in {time.monotonic() - begun:.0f} s", style="dim")
    if status:
        raise typer.Exit(status)
