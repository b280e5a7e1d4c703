"""A path as it may be told: a secret can be part of one. Pure."""

from collections.abc import Collection, Iterable

from starlette.routing import BaseRoute, Route

HIDDEN = "*"


def known_parts(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """What our own paths are made of, without their parameters."""
    parts = {part for each in routes if isinstance(each, Route) for part in each.path.split("/")}
    return frozenset(part for part in parts if not part.startswith("{"))


def shown(path: str, known: Collection[str]) -> str:
    """The path with each part hidden that isn't ours, also where the whole is no path of ours.

    So of a mistyped address the log says what was right of it, and no secret stands there wherever it was put.
    """
    return "/".join(part if part in known else HIDDEN for part in path.split("/"))
