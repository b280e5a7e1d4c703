"""From verdicts to a score, and from a score to pass or fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from contracts.frozen import Frozen
from evals.cases import Case

BASELINE = Path(__file__).parent / "baseline.json"

Share = float
"""Between 0 and 1."""


class BaselineError(Exception):
    """The baseline file can't be read; the message says what is wrong in it."""


class Marks(Frozen):
    """What counts of a run."""

    accuracy: Share = Field(ge=0, le=1)
    recall_act: Share = Field(ge=0, le=1)
    """Of the events that need somebody, how many were let through. A miss here is a client left waiting."""

    recall_skip: Share = Field(ge=0, le=1)
    """Of the noise, how much was stopped. A miss here costs a look by the strong model."""

    hard: Share = Field(ge=0, le=1)


class Baseline(Frozen):
    """Marks to hold: as measured for a model, else the floor for one that was never measured."""

    floor: Marks
    measured: dict[str, Marks] = {}

    def for_model(self, model: str) -> tuple[Marks, Literal["measured", "floor"]]:
        """The marks that a model must reach, and where they come from."""
        return (self.measured[model], "measured") if model in self.measured else (self.floor, "floor")


@dataclass(frozen=True)
class Wrong:
    """A case that went wrong. `said` is empty where no valid answer came."""

    case: Case
    said: str


@dataclass(frozen=True)
class Score:
    """One tool's run over the dataset."""

    marks: Marks
    wrong: tuple[Wrong, ...]


def load_baseline(path: Path = BASELINE) -> Baseline:
    """Raises `BaselineError` when the file doesn't hold a baseline."""
    try:
        return Baseline.model_validate_json(path.read_text())
    except ValidationError as error:
        raise BaselineError(f"{path}: {error}") from error


def score(cases: Sequence[Case], verdicts: Mapping[str, str]) -> Score:
    """Marks for verdicts by case id. A case without a valid verdict counts as wrong."""
    right = {case.id for case in cases if verdicts.get(case.id) == case.expected}

    def share(which: Callable[[Case], bool]) -> Share:
        chosen = [case for case in cases if which(case)]
        return round(sum(case.id in right for case in chosen) / len(chosen), 4) if chosen else 1.0

    marks = Marks(
        accuracy=share(lambda _: True),
        recall_act=share(lambda case: case.expected == "act"),
        recall_skip=share(lambda case: case.expected == "skip"),
        hard=share(lambda case: case.hard),
    )
    return Score(marks, tuple(Wrong(case, verdicts.get(case.id, "")) for case in cases if case.id not in right))


def shortfalls(marks: Marks, least: Marks) -> tuple[str, ...]:
    """One line for each mark below what it must be."""
    return tuple(
        f"{name} is {getattr(marks, name):.2%}, and must be {getattr(least, name):.2%}"
        for name in Marks.model_fields
        if getattr(marks, name) < getattr(least, name)
    )
