"""The end of a process that has used Temporal's client."""

import subprocess
import sys

import pytest

from ops.places import ROOT

LEAVES = """
import atexit
from ops.leaving import leave
atexit.register(lambda: print("taken down"))
print("written", end="")
leave(3)
"""


def test_leaves_at_once_with_what_was_written() -> None:
    """The output is there and the exit code right, and the interpreter isn't taken down."""
    ended = subprocess.run([sys.executable, "-c", LEAVES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "written")


@pytest.mark.slow
def test_farm_ends_with_its_verbs_code() -> None:
    """`python -m ops` ends with the code of the verb: a misspelt one is 2, help is 0."""
    for words, code in ((["nonsense"], 2), (["--help"], 0)):
        ended = subprocess.run([sys.executable, "-m", "ops", *words], cwd=ROOT, capture_output=True, check=False)
        assert ended.returncode == code
