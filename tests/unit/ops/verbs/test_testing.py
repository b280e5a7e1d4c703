"""`./farm test`: what it runs, and with which code it ends."""

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


def test_suites_have_every_folder_of_tests_once() -> None:
    """No folder with tests is forgotten by the default run, nor run twice."""
    folders = {"/".join(path.relative_to(ROOT).parts[:2]) for path in ROOT.glob("tests/*/**/test_*.py")}
    run = [word for suite in SUITES for word in suite if word.startswith("tests/")]
    assert sorted(run) == sorted(folders)
