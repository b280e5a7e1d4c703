"""What a person tells a run that is at work: a word to heed, to pause, to go on."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from contracts.frozen import Frozen, Lasting


class Steer(Lasting):
    """A message for the running agent. It hears it before its next turn."""

    text: str = Field(min_length=1, max_length=4000)
    by: str = "operator"


class Pause(Lasting):
    """Hold the run before its next call. What is under way is finished."""

    by: str = "operator"
    reason: str = ""


class Resume(Lasting):
    """Let a paused run go on."""

    by: str = "operator"


class UseModels(Lasting):
    """Ask other models from the next call on. A run keeps the models that it began with, unless it is told this."""

    models: dict[str, str] = Field(min_length=1, examples=[{"orchestrator": "claude-sonnet-5-5"}])
    """Role -> model, by the gateway's name for it."""

    by: str = "operator"


class SteerReceipt(Lasting):
    """What the sender is told: whether the run will hear it, and if not, why."""

    accepted: bool
    message: str


InterventionKind = Literal["steer", "pause", "resume", "news", "models"]


class Intervention(Frozen):
    """What came to a run at work, as recorded: who, when, what."""

    run: str
    number: int
    """Counted from 1 in its run: the same for every attempt to record it."""

    kind: InterventionKind
    by: str
    """A person, or for news whoever did what it tells of."""

    text: str
    at: datetime
