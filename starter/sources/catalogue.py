"""The sources there are: every module of this folder that holds a `Source`."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping

from starter import sources
from starter.sources.signed import SIGNATURE, named
from starter.sources.source import ANY_NAME, Door, Source

RESERVED = frozenset({"slack", "timer", "schedule", "operator"})
"""Names of sources that are no modules here; nobody may speak for them by a secret."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")

Catalogue = Mapping[str, Source]
"""By name."""


def catalogue() -> Catalogue:
    """All of them. ValueError where two can't stand beside each other, or one has an impossible name."""
    found: dict[str, Source] = {}
    for source in _held():
        if not _NAME.fullmatch(source.name) or source.name in RESERVED:
            raise ValueError(f"no source can be called {source.name!r}")
        if found.setdefault(source.name, source) != source:
            raise ValueError(f"two sources are called {source.name!r}")
    paths = [door.path for source in found.values() for door in source.doors]
    if twice := {path for path in paths if paths.count(path) > 1}:
        raise ValueError(f"two doors have the path {min(twice)!r}")
    return found


def reader_of(name: str, known: Catalogue) -> Source:
    """The source of that name. What is no module of its own signs its events as `signed` says."""
    return known.get(name) or named(name)


def door_of(secrets: str, known: Catalogue) -> Door | None:
    """Where secrets of that name open; None for those of a source that signs."""
    return next(
        (door for each in known.values() for door in each.doors if each.keeps_secrets_as(door) == secrets), None
    )


def keys_to(
    source: Source, door: Door, keyring: Mapping[str, tuple[str, ...]], known: Catalogue
) -> Mapping[str, tuple[str, ...]]:
    """By a source's name, the secrets that are valid at this door: its own, or all that no other door has."""
    if f"{{{ANY_NAME}}}" not in door.path:
        return {source.name: keyring.get(source.keeps_secrets_as(door), ())}
    return {name: secrets for name, secrets in keyring.items() if name not in RESERVED and door_of(name, known) is None}


def flaw_of(name: str, secret: str, known: Catalogue) -> str:
    """Why a secret of that name is none, or nothing."""
    door = door_of(name, known)
    return "it is empty, and anybody would know it" if not secret else (door.proof if door else SIGNATURE).flaw(secret)


def _held() -> Iterator[Source]:
    for module in pkgutil.iter_modules(sources.__path__, f"{sources.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Source):
                yield value
