"""The triage dataset: events as they reach the sales agent, and what a good triage says of them."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from contracts.events import Event
from contracts.frozen import Frozen

DATASET = Path(__file__).parent / "datasets" / "triage.jsonl"

Verdict = Literal["act", "skip"]


class DatasetError(Exception):
    """A line of the dataset can't be read; the message names the file and the line."""


class Case(Frozen):
    """One judgement."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    language: Literal["fr", "en"]
    hard: bool
    """Whether words on the surface point the wrong way."""

    expected: Verdict
    why: str
    deal: str
    """The deal's title, for whoever reads the dataset."""

    today: date
    events: tuple[Event, ...] = Field(min_length=1)


def load(path: Path = DATASET) -> tuple[Case, ...]:
    """All cases, in the file's order.

    Raises `DatasetError` at the first line that is no case or repeats an id.
    """
    cases: dict[str, Case] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        case = _case(line, f"{path}:{number}")
        if case.id in cases:
            raise DatasetError(f"{path}:{number}: id {case.id!r} is taken by an earlier case")
        cases[case.id] = case
    return tuple(cases.values())


def _case(line: str, where: str) -> Case:
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the line"
        raise DatasetError(f"{where}: {field}: {first['msg']}") from error
