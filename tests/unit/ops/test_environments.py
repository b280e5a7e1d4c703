"""When an environment beside the farm's own is current, and when it is made again."""

from pathlib import Path

import pytest

from ops.environments import Environment
from ops.errors import FarmError


@pytest.fixture
def made(tmp_path: Path) -> Environment:
    """An environment that was set up."""
    one = Environment(tmp_path / "gateway")
    one.bin.mkdir(parents=True)
    one.python.touch()
    (one.directory / "uv.lock").write_text("version = 1")
    (one.directory / "pyproject.toml").write_text("[project]")
    one.stamp_file.write_text(one.fingerprint())
    return one


def test_made_one_is_current(made: Environment) -> None:
    """Nothing is to be done when lock, project and Python are as they were."""
    assert made.is_current()


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_changed_file_makes_it_stale(made: Environment, name: str) -> None:
    """A new lock file or project file means to make it again."""
    (made.directory / name).write_text("other")
    assert not made.is_current()


def test_missing_python_makes_it_stale(made: Environment) -> None:
    """An environment whose interpreter went away is made again."""
    made.python.unlink()
    assert not made.is_current()


def test_unfinished_one_is_stale(made: Environment) -> None:
    """One whose set-up was cut short has no stamp, and is made again."""
    made.stamp_file.unlink()
    assert not made.is_current()


async def test_current_one_is_left_alone(made: Environment) -> None:
    """Setting up a current environment runs nothing: no uv, no network."""
    assert await made.set_up() == 0.0


def test_missing_lock_is_named(made: Environment) -> None:
    """An environment without its lock file is an error that names the file."""
    (made.directory / "uv.lock").unlink()
    with pytest.raises(FarmError, match=r"gateway: .*uv\.lock is missing"):
        made.fingerprint()
