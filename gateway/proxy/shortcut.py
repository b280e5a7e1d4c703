"""A way past the hundreds of routes that the proxy has, to the few that are asked for again and again."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class Shortcut(BaseRoute):
    """To the route that answers POSTs to one path, past all that were declared before it."""

    def __init__(self, path: str, routes: Sequence[BaseRoute]) -> None:
        """`routes` may grow: LiteLLM adds some of its own when they are first asked for."""
        self._path = path
        self._routes = routes
        self._found: BaseRoute | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the route itself says, and of any other path that it isn't here."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != self._path:
            return Match.NONE, {}
        self._found = self._found or self._first(scope)
        return self._found.matches(scope) if self._found else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By the route that was found."""
        assert self._found is not None
        await self._found.handle(scope, receive, send)

    def _first(self, scope: Scope) -> BaseRoute | None:
        others = (route for route in self._routes if not isinstance(route, Shortcut))
        return next((route for route in others if route.matches(scope)[0] == Match.FULL), None)
