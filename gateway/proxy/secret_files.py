"""A secret from a file, as `contracts/secret_files.py` reads it elsewhere; this room is mounted without that one."""

from collections.abc import Iterable, Mapping
from pathlib import Path

SUFFIX = "_FILE"


def from_files(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """What the files say of the variables that are given by a file. ValueError names the variable and the path."""
    return {name: _read(name, environment) for name in names if environment.get(f"{name}{SUFFIX}")}


def _read(name: str, environment: Mapping[str, str]) -> str:
    if environment.get(name):
        raise ValueError(f"{name}: given twice, by itself and by {name}{SUFFIX}; set one of them")
    path = environment[f"{name}{SUFFIX}"]
    try:
        text = Path(path).read_bytes().decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ValueError(f"{name}{SUFFIX}: {path!r} can't be read: {why}") from None
    if not text.strip():
        raise ValueError(f"{name}{SUFFIX}: {path!r} is empty")
    return text
