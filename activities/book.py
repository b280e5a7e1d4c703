"""An agent's prose: its prompts and skills, plain Markdown files that other agents' tools can use as well.

A skill is a folder with a `SKILL.md` whose front matter has `name` and `description`
(format: https://agentskills.io/specification).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<text>.*)\Z", re.DOTALL)


class BadSkill(ValueError):
    """A SKILL.md that can't be used: says which file and what is missing."""


@dataclass(frozen=True)
class Skill:
    name: str
    description: str
    text: str


@dataclass(frozen=True)
class Book:
    """`prompts`: name without `.md` -> text. `skills`: by name."""

    prompts: Mapping[str, str]
    skills: Mapping[str, Skill]

    def texts(self) -> dict[str, str]:
        """Everything by the name a kit knows it by."""
        return {**self.prompts, **{f"skills/{name}": skill.text for name, skill in self.skills.items()}}

    def skill_list(self) -> str:
        return "\n".join(f"- {skill.name}: {skill.description}" for _, skill in sorted(self.skills.items()))


def read_book(folder: Path) -> Book:
    """Read `prompts/*.md` and `skills/*/SKILL.md` of an agent's folder."""
    prompts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("prompts/*.md"))}
    skills = [_skill(path) for path in sorted(folder.glob("skills/*/SKILL.md"))]
    return Book(prompts=prompts, skills={skill.name: skill for skill in skills})


def _skill(path: Path) -> Skill:
    found = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if found is None:
        raise BadSkill(f"{path}: starts with no front matter (---, name, description, ---)")
    head = dict(line.split(": ", 1) for line in found["head"].splitlines() if ": " in line)
    try:
        return Skill(name=head["name"], description=head["description"], text=found["text"].strip())
    except KeyError as missing:
        raise BadSkill(f"{path}: front matter has no {missing}") from None
