"""What runs, as other processes see it: `stack.json` in the instance's directory.

Written by the runner, read by `status`, `down`, `reset` and every verb that needs an address. A process id alone says
nothing after a reboot, so each stands beside its start time.
"""

from datetime import datetime
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict

from ops.errors import FarmError
from ops.places import Instance, instances


class Process(BaseModel):
    """A process that was started, and can be told from another that got its id later."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float
    """Seconds since the epoch, as the system has it."""

    def find(self) -> psutil.Process | None:
        """The process, if it is still this one and runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class PartState(BaseModel):
    """One part as started."""

    model_config = ConfigDict(frozen=True)

    about: str
    stage: Literal["waiting", "setting up", "starting", "ready", "done", "ended", "stopping", "stopped"] = "waiting"
    process: Process | None = None
    ready: str = ""
    link: str = ""
    log: str = ""
    seconds: float = 0.0
    """From its start until it was ready."""

    note: str = ""

    @property
    def address(self) -> str:
        return self.link or self.ready.removesuffix("/healthz")


class StackState(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True)

    runner: Process | None
    offset: int
    started_at: datetime
    ready: bool = False
    store_url: str
    temporal_address: str
    gateway_store_url: str = ""
    """Where its gateway keeps keys and spend; empty: it has no gateway of its own."""

    parts: dict[str, PartState] = {}


def process(pid: int) -> Process | None:
    """None where it has ended already."""
    try:
        return Process(pid=pid, started=psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def load(instance: Instance) -> StackState | None:
    """None where the instance was never started."""
    try:
        return StackState.model_validate_json(instance.state_file.read_text())
    except FileNotFoundError:
        return None


def save(instance: Instance, state: StackState) -> None:
    """In one step, so that a reader never sees half a file."""
    instance.directory.mkdir(parents=True, exist_ok=True)
    draft = instance.state_file.with_suffix(".json.new")
    draft.touch(mode=0o600)  # a PostgreSQL URL may hold a password
    draft.write_text(state.model_dump_json(indent=2))
    draft.replace(instance.state_file)


def is_running(state: StackState | None) -> bool:
    """Whether anything of it still runs."""
    return state is not None and any(alive(state))


def alive(state: StackState) -> list[psutil.Process]:
    """The runner and the parts that still run."""
    known = [state.runner, *(part.process for part in state.parts.values())]
    return [found for each in known if each and (found := each.find())]


def chosen(name: str) -> Instance:
    """The instance a verb is about: the one named, else the one that runs, else the one started last."""
    if (found := chosen_or_none(name)) is None:
        raise FarmError("no stack was ever started here", "./farm demo shows one at work; ./farm up starts one.")
    return found


def chosen_or_none(name: str) -> Instance | None:
    """The same; None where no stack was ever started."""
    started = instances()
    if name:
        if named := [each for each in started if each.name == name]:
            return named[0]
        raise FarmError(f"no instance {name!r} was ever started", "There are: " + (_names(started) or "none"))
    running = [each for each in started if is_running(load(each))]
    if len(running) > 1:
        raise FarmError(f"several stacks run: {_names(running)}", "Name the one you mean: --instance <name>")
    return next(iter(running or started), None)


def _names(these: list[Instance]) -> str:
    return ", ".join(each.name for each in these)
