"""Prompts and skills as plain files."""

from pathlib import Path

import pytest

import workflows
from activities.book import BadSkill, read_book
from workflows.registry import AGENTS

HOME = Path(next(iter(workflows.__path__)))


@pytest.mark.parametrize("agent", [spec.name for spec in AGENTS])
def test_the_real_books_can_be_read(agent):
    """Every agent has prompts, and no prompt or skill is empty."""
    book = read_book(HOME / agent)
    assert book.prompts
    assert all(text.strip() for text in book.texts().values())


@pytest.mark.parametrize("agent", [spec.name for spec in AGENTS])
def test_a_skill_is_found_by_its_folder(agent):
    """The format wants the name to be the folder's, so that other tools find it too."""
    folders = {path.parent.name for path in (HOME / agent).glob("skills/*/SKILL.md")}
    assert read_book(HOME / agent).skills.keys() == folders


def skill(folder: Path, text: str) -> Path:
    file = folder / "skills" / "quotes" / "SKILL.md"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_skill_has_a_name_a_purpose_and_a_text(tmp_path):
    """The front matter is for choosing it, the rest for reading it."""
    skill(tmp_path, "---\nname: quotes\ndescription: How we quote: always in EUR.\n---\n\n# Quotes\n")
    read = read_book(tmp_path).skills["quotes"]
    assert (read.description, read.text) == ("How we quote: always in EUR.", "# Quotes")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# Quotes\n", "no front matter"),
        ("---\nname: quotes\n---\ntext\n", "'description'"),
        ("---\ndescription: x\n---\ntext\n", "'name'"),
    ],
)
def test_a_bad_skill_is_named(tmp_path, text, told):
    """A worker that can't read its skills doesn't start, and says which file lacks what."""
    file = skill(tmp_path, text)
    with pytest.raises(BadSkill) as raised:
        read_book(tmp_path)
    assert str(file) in str(raised.value)
    assert told in str(raised.value)
