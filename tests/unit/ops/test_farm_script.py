"""The script at the door, in a checkout of its own with a fake uv and fake Pythons on PATH."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.places import ROOT

FAKE_UV = """#!/bin/sh
if [ "$1" = --version ]; then echo "uv 0.13.9 (fake)"; exit 0; fi
echo "$@" >>"$CALLS"
sleep 0.3
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
echo "version_info = 3.12.1" >"$UV_PROJECT_ENVIRONMENT/pyvenv.cfg"
printf '#!/bin/sh\\necho "ran $*${PYTHONDONTWRITEBYTECODE:+ compiling}"\\n' >"$UV_PROJECT_ENVIRONMENT/bin/python"
chmod +x "$UV_PROJECT_ENVIRONMENT/bin/python"
"""
GOOD_PYTHON = "#!/bin/sh\nexit 0\n"
OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n'
NO_VENV = (
    '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.11.2" && exit 0\ncase "$2" in *ensurepip*) exit 1 ;; esac\n'
)
FULL_DISK = "#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted\necho /dev/x 9 9 102400 99% /\n"
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3")


@dataclass
class Checkout:
    """A directory that looks like the repository, and a PATH of fakes before the system's."""

    root: Path
    bin: Path

    def fake(self, text: str, *names: str) -> None:
        for name in names:
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def start(self, *words: str, **env: str) -> "subprocess.Popen[str]":
        surroundings = {"PATH": f"{self.bin}:/usr/bin:/bin", "CALLS": str(self.calls), **env}
        return subprocess.Popen(
            [self.root / "farm", *words], env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words, **env)
        stdout, stderr = process.communicate(timeout=30)
        return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)

    @property
    def calls(self) -> Path:
        return self.root / "calls"

    def synced(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, bin_ = tmp_path / "a checkout", tmp_path / "bin"
    (root / "ops").mkdir(parents=True)
    bin_.mkdir()
    shutil.copy(ROOT / "farm", root / "farm")
    (root / "pyproject.toml").write_text("[project]")
    (root / "uv.lock").write_text("version = 1")
    made = Checkout(root, bin_)
    made.fake(GOOD_PYTHON, *PYTHONS)
    made.fake(FAKE_UV, "uv")
    return made


def test_first_call_sets_up_and_hands_over(checkout: Checkout) -> None:
    """A fresh checkout is set up from the lock file, byte-compiled, and the words go to `python -m ops`."""
    done = checkout.run("trace", "deal 42")
    assert done.stdout == "ran -m ops trace deal 42\n"
    assert "--locked --compile-bytecode" in checkout.calls.read_text()


def test_byte_code_is_kept(checkout: Checkout) -> None:
    """Whatever the caller's surroundings say: without it a workflow's sandbox compiles an agent's code for each run."""
    assert checkout.run("demo", PYTHONDONTWRITEBYTECODE="1").stdout == "ran -m ops demo\n"


def test_second_call_uses_no_uv(checkout: Checkout) -> None:
    """When nothing changed, nothing is set up: no uv, no network, no output of its own."""
    checkout.run("status")
    again = checkout.run("status")
    assert checkout.synced() == 1
    assert again.stderr == ""


def test_changed_lock_sets_up_again(checkout: Checkout) -> None:
    """A pulled lock file makes the environment stale."""
    checkout.run("status")
    (checkout.root / "uv.lock").write_text("version = 1 # newer")
    checkout.run("status")
    assert checkout.synced() == 2


def test_other_python_sets_up_again(checkout: Checkout) -> None:
    """Naming another Python makes the environment stale."""
    checkout.run("status")
    checkout.run("status", FARM_PYTHON=str(checkout.bin / "python3.12"))
    assert checkout.synced() == 2


def test_runs_from_anywhere(checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The working directory doesn't matter."""
    monkeypatch.chdir(tmp_path)
    assert checkout.run("status").returncode == 0


def test_two_at_once_set_up_once(checkout: Checkout) -> None:
    """Of two first calls at once one sets up, the other waits for it, and both go on."""
    both = [checkout.start("status"), checkout.start("status")]
    assert [process.communicate(timeout=30)[0] for process in both] == ["ran -m ops status\n"] * 2
    assert checkout.synced() == 1


def test_lock_of_a_killed_set_up_is_taken_over(checkout: Checkout) -> None:
    """A set-up that was killed doesn't lock the door for ever."""
    lock = checkout.root / ".farm-bootstrap" / "lock"
    lock.mkdir(parents=True)
    dead = subprocess.Popen(["true"])
    dead.wait()
    (lock / "pid").write_text(str(dead.pid))
    assert checkout.run("status").returncode == 0


def test_python_too_old(checkout: Checkout) -> None:
    """Says which Python was found, which is needed, and how to name another."""
    checkout.fake(OLD_PYTHON, *PYTHONS)
    done = checkout.run("demo")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; found: Python 3.9.2" in done.stderr
    assert "FARM_PYTHON" in done.stderr


def test_named_python_too_old(checkout: Checkout) -> None:
    """A FARM_PYTHON that is too old is named, not silently passed over."""
    checkout.fake(OLD_PYTHON, "oldpython")
    done = checkout.run("demo", FARM_PYTHON="oldpython")
    assert "FARM_PYTHON=oldpython is not a Python 3.11 or newer (Python 3.9.2)" in done.stderr


def test_no_venv_module(checkout: Checkout) -> None:
    """Where uv must be fetched and Debian's python3-venv is missing, the package is named."""
    checkout.fake(NO_VENV, *PYTHONS)
    checkout.fake("#!/bin/sh\nexit 127\n", "uv")
    assert "apt install python3-venv" in checkout.run("demo").stderr


def test_disk_full(checkout: Checkout) -> None:
    """Stops before it fills the disk, with how much is free and how much is needed."""
    checkout.fake(FULL_DISK, "df")
    assert "only 100 MB free" in checkout.run("demo").stderr


def test_failing_set_up_shows_the_end_of_its_output(checkout: Checkout) -> None:
    """uv's own words are shown when it fails, and the environment isn't taken for a good one."""
    checkout.fake(
        '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.9" && exit 0\necho "no route to host"; exit 2\n', "uv"
    )
    done = checkout.run("demo")
    assert done.returncode == 1
    assert "no route to host" in done.stderr
    assert not (checkout.root / ".venv" / ".farm-stamp").exists()


def test_not_a_checkout(checkout: Checkout) -> None:
    """A copy of the script alone says so."""
    (checkout.root / "uv.lock").unlink()
    assert "is not a checkout of the farm" in checkout.run("demo").stderr


def test_old_uv_on_path_is_passed_over(checkout: Checkout) -> None:
    """An uv that may not read the lock file is not used; a pinned one is fetched instead."""
    checkout.fake('#!/bin/sh\necho "uv 0.4.1"\n', "uv")
    checkout.fake(NO_VENV, *PYTHONS)
    assert "no venv module" in checkout.run("demo").stderr
