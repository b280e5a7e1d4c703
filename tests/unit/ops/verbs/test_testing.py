"""`./farm test`: what it runs, and with which code it ends."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.places import ROOT
from ops.verbs.test import NOTHING_CHOSEN, SUITES, names_tests, worst


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ((0, 0), 0),
        ((0, NOTHING_CHOSEN), 0),
        ((NOTHING_CHOSEN, 1), 1),
        ((1, 0), 1),
        ((0, 2), 2),
        ((NOTHING_CHOSEN, NOTHING_CHOSEN), NOTHING_CHOSEN),
    ],
)
def test_one_failure_is_a_failure(ended: tuple[int, ...], code: int) -> None:
    """A suite that fails fails the whole; one without a chosen test does only where no other had any."""
    assert worst(ended) == code


@pytest.mark.parametrize(
    ("word", "does"),
    [
        ("tests/unit", True),
        ("tests/unit/test_links.py::test_links", True),
        ("-k", False),
        ("approvals", False),
        ("--deselect=tests/unit/test_links.py", False),
    ],
)
def test_paths_are_told_from_options(word: str, does: bool) -> None:
    """What names a file or folder is run alone, and by itself."""
    assert names_tests(word) == does


def test_suites_have_every_file_of_tests_once() -> None:
    """No file of tests is forgotten by the default run, nor run twice."""
    files = [path.relative_to(ROOT) for path in ROOT.glob("tests/*/**/test_*.py")]
    assert {file: sum(_has(suite, file) for suite in SUITES) for file in files} == dict.fromkeys(files, 1)


def _has(suite: Sequence[str], file: Path) -> bool:
    ignored = [word.removeprefix("--ignore=") for word in suite if word.startswith("--ignore=")]
    named = [word for word in suite if word.startswith("tests/")]
    return any(map(file.is_relative_to, named)) and not any(map(file.is_relative_to, ignored))
