"""The embedded stack's own secrets: webhook passwords, signing secrets, the agents' gateway keys.

Made at an instance's first start and kept in its `secrets.json`, readable by its owner alone. One that the user's
environment sets wins and isn't written down.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path


def keys(path: Path, names: Mapping[str, str], surroundings: Mapping[str, str]) -> dict[str, str]:
    """Name -> value for each of `names` (name -> variable that wins), making what is missing."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name, variable in names.items() if name not in kept and not surroundings.get(variable)]
    if missing:
        kept |= {name: secrets.token_urlsafe(24) for name in missing}
        _write(path, kept)
    return {name: surroundings.get(variable) or kept[name] for name, variable in names.items()}


def _write(path: Path, values: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file, indent=2)
