"""Every relative link of the manual leads somewhere: to a file or folder, and to a heading where it names one."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("helm/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
CODE = re.compile(r"^(```|~~~).*?^\1|^ {4}.*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)


def dead_links(page: Path) -> Iterator[str]:
    for link in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = unquote(link).partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield f"{link}: there is no {path}"
        elif heading and heading not in anchors(target):
            yield f"{link}: {target.name} has no such heading"


def anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them: lower case, no punctuation, hyphens for spaces."""
    found = HEADING.findall(re.sub(r"^(```|~~~).*?^\1", "", page.read_text(), flags=re.DOTALL | re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """No link of the page is dead."""
    assert list(dead_links(page)) == []


def test_dead_links_are_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are told; an address, a good link and code aren't."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A `b`, c\n[x](#a-b-c) [y](page.md) [z](https://a.example) `[c](code.md)`\n[1](no.md) [2](page.md#no)"
    )
    assert list(dead_links(page)) == ["no.md: there is no no.md", "page.md#no: page.md has no such heading"]
