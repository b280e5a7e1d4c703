"""A secret from a file: `<NAME>_FILE` names one, as Docker and Kubernetes mount them. Standard library alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path

SUFFIX = "_FILE"


class UnusableSettingError(Exception):
    """A variable, or the file that it names, can't be used; the message says which, and nothing of what is in it."""


def from_files(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """What the files say of those variables that are given by a file. Raises UnusableSettingError."""
    return {name: _read(name, environment) for name in names if environment.get(f"{name}{SUFFIX}")}


def value_of(name: str, environment: Mapping[str, str]) -> str:
    """The variable's value, from its file if that is named; empty where neither is set. Raises UnusableSettingError."""
    return from_files([name], environment).get(name) or environment.get(name, "")


def _read(name: str, environment: Mapping[str, str]) -> str:
    if environment.get(name):
        raise UnusableSettingError(f"{name}: given twice, by itself and by {name}{SUFFIX}; set one of them")
    path = environment[f"{name}{SUFFIX}"]
    try:
        # The newline at the end is the editor's; a blank may be the secret's.
        text = Path(path).read_bytes().decode().rstrip("\r\n")
    except OSError as error:
        raise UnusableSettingError(f"{name}{SUFFIX}: {path!r} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableSettingError(f"{name}{SUFFIX}: {path!r} is no text in UTF-8") from None
    if not text.strip():
        raise UnusableSettingError(f"{name}{SUFFIX}: {path!r} is empty")
    return text
