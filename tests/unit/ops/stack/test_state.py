"""Which stack a verb means, and what of it still runs."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.errors import FarmError
from ops.places import instance
from ops.stack import state
from ops.stack.state import PartState, Process, StackState


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARM_HOME", str(tmp_path))


def started(name: str, runner: Process | None, mtime: float = 0) -> None:
    which = instance(name)
    now = StackState(runner=runner, offset=0, started_at=datetime.now(UTC), store_url="", temporal_address="", parts={})
    state.save(which, now)
    os.utime(which.state_file, (mtime, mtime))


def ended() -> Process:
    process = subprocess.Popen(["true"])
    process.wait()
    return Process(pid=process.pid, started=0)


def test_nothing_was_started() -> None:
    """Without any stack the message says how to get one."""
    with pytest.raises(FarmError, match=r"./farm up starts one"):
        state.chosen("")


def test_running_one_is_meant() -> None:
    """The stack that runs is meant before one that was started later and ended."""
    started("local", state.process(os.getpid()), mtime=1)
    started("demo", ended(), mtime=2)
    assert state.chosen("").name == "local"


def test_last_one_is_meant() -> None:
    """When nothing runs, the one started last is meant: its records can still be read."""
    started("local", ended(), mtime=1)
    started("demo", ended(), mtime=2)
    assert state.chosen("").name == "demo"


def test_two_running_ask_for_a_name() -> None:
    """Of two that run, neither is guessed."""
    started("local", state.process(os.getpid()))
    started("demo", state.process(os.getpid()))
    with pytest.raises(FarmError, match="--instance"):
        state.chosen("")


def test_unknown_name_lists_what_there_is() -> None:
    """A misspelt instance shows the names there are."""
    started("local", ended())
    with pytest.raises(FarmError, match="There are: local"):
        state.chosen("locla")


def test_reused_process_id_is_not_ours() -> None:
    """After a reboot the same process id belongs to someone else."""
    assert Process(pid=os.getpid(), started=1.0).find() is None


def test_part_of_a_killed_runner_counts_as_running() -> None:
    """What a killed runner left behind is still found, so that `down` can end it."""
    now = StackState(
        runner=ended(), offset=0, started_at=datetime.now(UTC), store_url="", temporal_address="",
        parts={"a": PartState(about="a", process=state.process(os.getpid()))},
    )  # fmt: skip
    assert state.is_running(now)


def test_state_is_its_owners_alone() -> None:
    """The store's URL may hold a password."""
    started("local", ended())
    assert instance("local").state_file.stat().st_mode & 0o777 == 0o600
