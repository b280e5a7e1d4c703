"""What a contender is told, and what it reports: one JSON object each way. Standard library alone."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Job:
    """So many runs of the task, so many at a time. `directory`: an empty one for the contender's own files."""

    turns: int
    runs: int
    concurrent: int
    temporal: str
    directory: str
    mode: str = "plain"
    """Farmstead alone has a choice; tests/bench/farmstead.py says of what."""

    tool_url: str = ""
    """For its mode `http`."""

    @classmethod
    def from_argument(cls) -> Self:
        return cls(**json.loads(sys.argv[-1]))

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Measured:
    """Seconds of each run as its starter saw them. Bytes and events are those of one run, the last one measured."""

    outcome: str = "completed"
    wall_s: float = 0.0
    cpu_s: float = 0.0
    """Processor time of the contender's process, which starter and worker share; Temporal's is not in it."""

    seconds: list[float] = field(default_factory=list)
    history_bytes: int | None = None
    """None for a system without a Temporal history."""

    events: int | None = None
    store_bytes: int = 0
    turns_done: int = 0

    def print(self) -> None:
        say(asdict(self))


def say(values: Mapping[str, Any]) -> None:
    """A contender's last line on stdout."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
