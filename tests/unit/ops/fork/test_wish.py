"""What is to be different, from the command line."""

from pathlib import Path

import pytest

from ops.errors import FarmError
from ops.fork.wish import require_known, wish


def test_a_model_for_every_role() -> None:
    """Said once, for all."""
    found = wish(["strong"], [], offline=False)
    assert (found.role("triage"), found.role("orchestrator")) == ("strong", "strong")


def test_a_model_for_one_role() -> None:
    """The others ask as they did; a role's own wish goes before the one for all."""
    found = wish(["triage=strong", "cheap"], [], offline=False)
    assert (found.role("triage"), found.role("insight")) == ("strong", "cheap")
    assert wish(["triage=strong"], [], offline=False).role("insight") == "insight"


def test_a_prompt_by_its_files_name(tmp_path: Path) -> None:
    """`new/triage.md` replaces the prompt `triage`."""
    (tmp_path / "triage.md").write_text("Sort.")
    assert wish([], [tmp_path / "triage.md"], offline=True).prompts == {"triage": "Sort."}


def test_what_cant_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, and a name that no prompt has."""
    with pytest.raises(FarmError, match=r"nothing\.md can't be read"):
        wish([], [tmp_path / "nothing.md"], offline=False)
    with pytest.raises(FarmError, match="no prompt is called 'tirage'") as refused:
        require_known({"tirage": ""}, ["triage", "learn"])
    assert "there are: learn, triage" in str(refused.value)
