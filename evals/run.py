"""`./farm eval`: the triage prompt on the dataset, by two tools, against the committed baseline.

Expects a gateway at FARM_GATEWAY_URL and its key in FARM_GATEWAY_KEY. Ends with 0 when both tools hold the
baseline, 1 when one is below it, 2 when the run itself failed.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from rich.console import Console
from rich.table import Table

from evals import cases, questions
from evals.batch import Batch
from evals.cases import Case
from evals.score import BaselineError, Marks, Score, load_baseline, score, shortfalls
from evals.tools import TOOLS, Desk, Tool, ToolError

STAND_IN = "sandbox-rules/"
ANSWERED_BY = "x-farm-answered-by"
HELD, BELOW, BROKEN = 0, 1, 2


class Settings(BaseSettings):
    """Read once from the environment."""

    model_config = SettingsConfigDict(frozen=True)

    gateway: str = Field(default="http://127.0.0.1:4000", validation_alias="FARM_GATEWAY_URL")
    key: str = Field(default="", validation_alias="FARM_GATEWAY_KEY")
    directory: Path = Field(default=Path(".farm/evals"), validation_alias="FARM_EVAL_DIRECTORY")


class GatewayUnreachableError(Exception):
    """Nobody answers the role; the message says where it was looked for and what came back."""


def main(prompt: Path = questions.PROMPT, settings: Settings | None = None, *, batch: bool = False) -> int:
    """Run everything and print the table. `prompt` is the file under test. `batch`: by one batch of the vendor's."""
    console = Console()
    settings = settings or Settings()
    try:
        model = who_answers(settings, prompt.read_text())
        scores = measure(settings, prompt.read_text(), console, (Batch(),) if batch else TOOLS)
        return judge(console, model, scores)
    except (GatewayUnreachableError, ToolError, cases.DatasetError, BaselineError, OSError) as error:
        console.print(f"The evaluation could not be made: {error}", style="red", markup=False, soft_wrap=True)
        return BROKEN


def who_answers(settings: Settings, prompt: str) -> str:
    """The model behind the role, under the name that the vendor gives it.

    Raises `GatewayUnreachableError`.
    """
    where = f"{settings.gateway.rstrip('/')}/v1/messages"
    headers = {"x-api-key": settings.key, "anthropic-version": "2023-06-01"}
    try:
        answer = httpx.post(where, json=questions.probe(prompt), headers=headers, timeout=120)
    except httpx.HTTPError as error:
        raise GatewayUnreachableError(f"no gateway at {where} ({error}): start one with `./farm up`") from error
    if answer.is_error:
        raise GatewayUnreachableError(f"{where} answered {answer.status_code}: {answer.text[:300]}")
    return answer.headers.get(ANSWERED_BY) or str(answer.json()["model"])


def measure(settings: Settings, prompt: str, console: Console, tools: Sequence[Tool] = TOOLS) -> dict[str, Score]:
    """A score for each tool.

    Raises `ToolError`.
    """
    dataset = cases.load()
    directory = settings.directory.resolve()
    desk = Desk(settings.gateway, settings.key, prompt, directory / "questions.jsonl", directory)
    questions.write(dataset, desk.questions, prompt)
    scores = {}
    for tool in tools:
        with console.status(f"{tool.name}: {len(dataset)} cases"):
            scores[tool.name] = score(dataset, tool.run(desk))
    return scores


def judge(console: Console, model: str, scores: Mapping[str, Score]) -> int:
    """Print what came out, and say whether it is good enough."""
    least, source = load_baseline().for_model(model)
    console.print(_table(model, least, source, scores))
    for line in _wrong(scores):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    short = [f"{name}: {line}" for name, each in scores.items() for line in shortfalls(each.marks, least)]
    for line in short:
        console.print(line, style="red", soft_wrap=True)
    if model.startswith(STAND_IN):
        console.print(
            f"Answered by {model}: rules, not a language model, and they never read the prompt. This score proves the "
            "plumbing alone; the one that counts is taken with a real model, by key or with --model-server.",
            style="yellow",
            soft_wrap=True,
        )
    return BELOW if short else HELD


def _wrong(scores: Mapping[str, Score]) -> list[str]:
    """One line for each case that a tool found wrong, in the dataset's words."""
    said: dict[str, list[str]] = {}
    known: dict[str, Case] = {}
    for name, each in scores.items():
        for wrong in each.wrong:
            known[wrong.case.id] = wrong.case
            said.setdefault(wrong.case.id, []).append(f"{name}: {wrong.said or 'no valid answer'}")
    return [f"{key} should be {known[key].expected} ({', '.join(said[key])}). {known[key].why}" for key in said]


def _table(model: str, least: Marks, source: str, scores: Mapping[str, Score]) -> Table:
    table = Table("", *Marks.model_fields, title=f"Triage, answered by {model}")
    for name, each in scores.items():
        table.add_row(name, *_shares(each.marks))
    table.add_row(f"baseline ({source})", *_shares(least), style="dim")
    return table


def _shares(marks: Marks) -> list[str]:
    return [f"{getattr(marks, name):.1%}" for name in Marks.model_fields]


if __name__ == "__main__":
    sys.exit(main())
