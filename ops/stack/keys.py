"""The embedded stack's own secrets: webhook passwords, signing secrets, the agents' gateway keys.

Made at an instance's first start and kept in its `secrets.json`, readable by its owner alone. One that the user's
environment sets wins and isn't written down.
"""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.errors import FarmError


def keys(path: Path, names: Mapping[str, Sequence[str]], surroundings: Mapping[str, str]) -> dict[str, str]:
    """Name -> value for each of `names` (name -> variables, the first that is set wins), making what is missing.

    FarmError where one variable would be the value of two names: a secret belongs to one agent.
    """
    theirs = _from_user(names, surroundings)
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in names if name not in kept and name not in theirs]
    if missing:
        kept |= {name: secrets.token_urlsafe(24) for name in missing}
        _write(path, kept)
    return {name: theirs.get(name) or kept[name] for name in names}


def replace(path: Path, name: str, value: str) -> None:
    """Put another value in a secret's place: handed out from the instance's next start on."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    _write(path, {**kept, name: value})


def _from_user(names: Mapping[str, Sequence[str]], surroundings: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name, variables in names.items():
        variable = next((each for each in variables if surroundings.get(each)), None)
        if variable in chosen.values():
            sharing = [each for each in names if variable in names[each]]
            raise FarmError(
                f"{variable} can't be the value of {' and '.join(sharing)}",
                f"Set one for each: {', '.join(names[each][0] for each in sharing)}.",
            )
        if variable:
            chosen[name] = variable
    return {name: surroundings[variable] for name, variable in chosen.items()}


def _write(path: Path, values: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)  # also where somebody made the file otherwise
        json.dump(values, file, indent=2)
