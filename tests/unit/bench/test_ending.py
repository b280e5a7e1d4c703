"""How the processes of the benchmarks end."""

from pathlib import Path

import pytest

from ops.places import ROOT

UNTIL_KILLED = "asyncio.Event().wait()"
MEASURING = [
    path
    for path in sorted((ROOT / "tests" / "bench").glob("*.py"))
    if '__name__ == "__main__"' in (text := path.read_text(encoding="utf-8"))
    and "temporalio.client" in text
    and UNTIL_KILLED not in text
]


def test_some_use_temporals_client() -> None:
    """The search below finds what it is for."""
    assert {path.name for path in MEASURING} >= {"farmstead.py", "sleeping.py", "sleeping_entities.py"}


@pytest.mark.parametrize("path", MEASURING, ids=lambda path: path.name)
def test_measuring_process_leaves(path: Path) -> None:
    """One that used Temporal's client and has said its figures isn't taken down: that can abort it."""
    assert path.read_text(encoding="utf-8").endswith("\n    leave(0)\n")
