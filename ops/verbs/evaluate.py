"""`./farm eval`: the triage prompt on the dataset, through the gateway, against the committed baseline."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from evals import questions
from evals.run import Settings, main
from ops.console import progress
from ops.environments import environment
from ops.options import ModelServer, PortOffset
from ops.stack.board import Board
from ops.stack.interrupts import run
from ops.stack.opening import plan_for
from ops.stack.plan import Plan
from ops.stack.runner import Stack

INSTANCE = "eval"
WORKER = "worker-sales"
"""Whose key the questions are asked with: the prompt under test is this agent's."""

TOOLS = ("inspect", "promptfoo")
PARTS = ("gateway", "sandbox-model")


def evaluate(
    prompt: Annotated[Path, typer.Option(help="The prompt under test.", exists=True)] = questions.PROMPT,
    port_offset: PortOffset = 0,
    model_server: ModelServer = "",
    *,
    batch: Annotated[
        bool, typer.Option("--batch", help="Ask by one batch of the vendor's: half the price, within a day.")
    ] = False,
) -> None:
    """Score the triage prompt with promptfoo and Inspect. Exit code 1 below the baseline, 2 when it could not be run.

    Starts a gateway of its own, unless FARM_GATEWAY_URL names one, and FARM_GATEWAY_KEY the agent's key there.
    """
    code = run(_evaluate(prompt, port_offset, model_server, batch=batch))
    if code:
        raise typer.Exit(code)


async def _evaluate(prompt: Path, offset: int, model_server: str, *, batch: bool) -> int:
    for name in () if batch else TOOLS:
        if not environment(name).is_current():
            progress.print(f"Setting up envs/{name} ...")
            await environment(name).set_up()
    plan = plan_for(INSTANCE, offset, model_server)
    if "gateway" not in plan.launches:
        return await asyncio.to_thread(main, prompt, _settings(plan), batch=batch)
    async with Stack(plan.only(*PARTS), Board(progress)):
        return await asyncio.to_thread(main, prompt, _settings(plan), batch=batch)


def _settings(plan: Plan) -> Settings:
    return Settings.model_validate(
        {
            "FARM_GATEWAY_URL": plan.env["FARM_GATEWAY_URL"],
            "FARM_GATEWAY_KEY": plan.launches[WORKER].env["FARM_GATEWAY_KEY"],
            "FARM_EVAL_DIRECTORY": plan.instance.directory,
        }
    )
