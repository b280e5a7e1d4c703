"""The process list: what is a mistake in it, and that the real one has none."""

from pathlib import Path
from typing import Any

import pytest

from ops.errors import FarmError
from ops.places import PROCESSES
from ops.stack.processes import ProcessList, read


def listed(**parts: dict[str, Any]) -> ProcessList:
    return ProcessList.model_validate(
        {"parts": {name: {"about": name, "argv": ["true"], **part} for name, part in parts.items()}}
    )


def wrong(tmp_path: Path, text: str) -> str:
    file = tmp_path / "processes.toml"
    file.write_text(text)
    with pytest.raises(FarmError) as error:
        read(file)
    return str(error.value)


def test_real_list_is_sound() -> None:
    """The committed list reads without a complaint, and nothing is waited for in a circle."""
    assert {"temporal", "gateway", "starter", "worker-sales", "phoenix"} <= read(PROCESSES).parts.keys()


def test_levels_follow_needs() -> None:
    """What is needed comes before what needs it."""
    assert listed(a={"needs": ["b"]}, b={"needs": ["c"]}, c={}).levels() == [["c"], ["b"], ["a"]]


def test_unknown_need_is_named(tmp_path: Path) -> None:
    """A need that doesn't exist names the place and what there is."""
    said = wrong(tmp_path, '[parts.a]\nabout = "a"\nargv = ["true"]\nneeds = ["ghost"]')
    assert "parts.a.needs names 'ghost'" in said


def test_misspelt_key_is_named(tmp_path: Path) -> None:
    """A key that the list doesn't have is an error, not a silence."""
    assert "parts.a.prots" in wrong(tmp_path, '[parts.a]\nabout = "a"\nargv = ["true"]\nprots = { http = 1 }')


def test_circle_is_shown() -> None:
    """Parts that need each other are shown as the circle they are."""
    with pytest.raises(ValueError, match=r"in a circle: \w -> \w -> \w"):
        listed(a={"needs": ["b"]}, b={"needs": ["a"]})


def test_shared_port_names_both() -> None:
    """Two parts can't have one port."""
    with pytest.raises(ValueError, match="port 8080 is given to a and to b"):
        listed(a={"ports": {"http": 8080}}, b={"ports": {"http": 8080}})


def test_no_toml(tmp_path: Path) -> None:
    """A file that is no TOML says where."""
    assert "is no TOML" in wrong(tmp_path, "[parts")


def test_search_attributes_are_known_before_they_are_set() -> None:
    """Whoever sets search attributes starts after they were made known, on our Temporal or the user's."""
    parts = read(PROCESSES).parts
    assert [name for name, part in parts.items() if "search-attributes" in part.needs] == ["worker-sales", "starter"]
    assert parts["search-attributes"].once
