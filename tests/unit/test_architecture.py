"""Imports go one way, and each thing stands in its one place.

The floors are declared in `.importlinter.toml`, each with what to do when it breaks.
"""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
RULES = REPO / ".importlinter.toml"
DECLARED = tomllib.loads(RULES.read_text(encoding="utf-8"))["tool"]["importlinter"]
ROOMS: list[str] = DECLARED["root_packages"]
FLOORS: dict[str, str] = {rule["id"]: rule["name"] for rule in DECLARED["contracts"]}
TOP = {"workers", "ops", "ecs", "evals"}

# One import for each floor that must not be there, planted into a copy.
PLANTED = {
    "contracts": ("contracts/names.py", "import store.database"),
    "telemetry": ("telemetry/owner.py", "import contracts.names"),
    "store": ("store/runs.py", "import gateway.calls.call"),
    "gateway": ("gateway/calls/call.py", "import store.runs"),
    "workflows": ("workflows/run/loop.py", "import activities.turn"),
    "workflow-libraries": ("contracts/dates.py", "import httpx"),
    "pure": ("workflows/sales/rules.py", "import contracts.search_attributes"),
    "activities": ("activities/turn.py", "import workflows.people.blocks"),
    "tool_servers": ("tool_servers/ledger.py", "import gateway.calls.call"),
    "sandbox": ("sandbox/crm/times.py", "import contracts.names"),
    "starter": ("starter/body.py", "import workflows.run.loop"),
    "sources": ("starter/sources/mail.py", "import starlette.requests"),
    "top": ("store/blobs.py", "import ops.errors"),
    "litellm": ("gateway/calls/client.py", "import litellm"),
}


def lint(root: Path) -> str:
    """What import-linter says of the rooms under `root`."""
    linter = Path(sys.executable).parent / "lint-imports"
    command = [str(linter), "--no-cache", "--no-logo", "--config", RULES.name]
    ran = subprocess.run(
        command, cwd=root, env={**os.environ, "COLUMNS": "500"}, capture_output=True, text=True, check=False
    )
    assert "Contracts:" in ran.stdout, f"import-linter could not run: {ran.stdout}{ran.stderr}"
    return ran.stdout


def broken(report: str, rule: str) -> str:
    """Which imports break a rule, and what to do about them; empty where it is kept."""
    if f"\n{rule} BROKEN" not in report:
        assert f"\n{rule} KEPT" in report, f"import-linter says nothing of {rule!r}:\n{report}"
        return ""
    own = report.split(f"\n{rule}\n---", 1)[1].strip("-\n")
    return re.split(r"\n.+\n---", own)[0].strip()  # up to the next rule's underlined name


@pytest.fixture(scope="module")
def report() -> str:
    return lint(REPO)


@pytest.fixture(scope="module")
def planted_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(RULES, copy)
    for room in ROOMS:
        shutil.copytree(REPO / room, copy / room, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for file, line in PLANTED.values():
        with (copy / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    return lint(copy)


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_holds(report, floor):
    """No room imports what stands above it or beside it."""
    found = broken(report, FLOORS[floor])
    assert not found, f"\nThe rule: {FLOORS[floor]}.\nWhat breaks it, and what to do:\n\n{found}"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_planted_import_is_caught(planted_report, floor):
    """The rule isn't vacuous: an import that breaks it is found, and named together with what to do."""
    file, line = PLANTED[floor]
    found = broken(planted_report, FLOORS[floor])
    assert file.removesuffix(".py").replace("/", ".") in found, f"{line!r} in {file} went unseen"


def test_every_room_is_watched():
    """A new top-level package doesn't escape the floors."""
    packages = {file.parent.name for file in REPO.glob("*/__init__.py")}
    assert packages == set(ROOMS), "list the new room in root_packages of .importlinter.toml, and give it a floor"
    assert set(ROOMS) - TOP <= set(FLOORS), "each room below the top has a floor of its own"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_our_own_folder(room):
    """The rooms' names are general: another distribution may ship a package of the same name."""
    spec = importlib.util.find_spec(room)
    found = Path(str(spec.origin)).parent if spec else None
    assert found == REPO / room, (
        f"`import {room}` finds {found}: a package of that name is installed, or the program wasn't started in the "
        "repository's root. Start with `python -m` from the root, or remove the package."
    )


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for file in sorted((REPO / room).rglob("*.py")):
            yield file.relative_to(REPO).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_init_files_are_empty():
    """Importing a package runs nothing: a registry in `workflows/__init__.py` would drag every agent everywhere."""
    full = [
        str(file.relative_to(REPO))
        for room in ROOMS
        for file in (REPO / room).rglob("__init__.py")
        if file.stat().st_size
    ]
    assert not full, f"move the code of {full} into a module that has a name"


def imports_a_client(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(name.name.startswith("temporalio.client") for name in names)
        case ast.ImportFrom(module=module, names=names):
            whole = {f"{module}.{name.name}" for name in names} | {str(module)}
            return "temporalio.client" in whole
    return False


def starts_an_activity(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr.startswith(
        ("execute_activity", "start_activity", "execute_local_activity", "start_local_activity")
    )


def places(wanted: Callable[[ast.AST], bool], *rooms: str) -> set[str]:
    """The modules in which something wanted stands."""
    return {name for name, tree in modules(*rooms) if any(wanted(node) for node in ast.walk(tree))}


def test_few_hold_a_temporal_client():
    """Only `workers`, `starter`, `ops` and evals reach Temporal as a client; all others are called by it."""
    holders = {name.partition("/")[0] for name in places(imports_a_client, *ROOMS)}
    assert holders <= {"workers", "starter", "ops", "evals"}, (
        f"{holders} import temporalio.client. News from outside enters through starter, and results come back as "
        "return values: an activity or a tool server that signals a workflow makes a second door."
    )
    assert "workers" in holders, "nothing was found at all: the check looks for the wrong thing"


def test_activities_are_started_in_one_place():
    """Time limits, retries and summaries are decided in `workflows/steps.py`."""
    assert places(starts_an_activity, "workflows") == {"workflows/steps.py"}, (
        "start an activity by a function in workflows/steps.py, with its time limit, retry policy and summary"
    )
