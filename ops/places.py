"""Where things lie: the checkout, and the directory of each instance of the stack.

An instance is one stack with its own data: `local` is what `./farm up` runs, `demo` what `./farm demo` runs. All lie
under `.farm/` (or `FARM_HOME`).
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = ROOT / "temporal-dev" / "processes.toml"


def home() -> Path:
    """The directory of all instances."""
    return Path(os.environ.get("FARM_HOME") or ROOT / ".farm").resolve()


def farm_python() -> Path:
    """The farm's own interpreter, which runs every part without an environment of its own."""
    return Path(sys.executable)


@dataclass(frozen=True)
class Instance:
    """The files of one stack."""

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def state_file(self) -> Path:
        return self.directory / "stack.json"

    @property
    def keys_file(self) -> Path:
        return self.directory / "secrets.json"

    def log(self, part: str) -> Path:
        return self.directory / "logs" / f"{part}.log"


def instance(name: str) -> Instance:
    return Instance(home() / name)


def instances() -> list[Instance]:
    """Every instance that was ever started, the latest first."""
    found = [Instance(path.parent) for path in home().glob("*/stack.json")]
    return sorted(found, key=lambda each: each.state_file.stat().st_mtime, reverse=True)
