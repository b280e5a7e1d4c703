"""Which workflows have events in the spool, as far as this process knows: asked for when the store can't be."""

from collections.abc import Awaitable, Callable, Collection


class Backlog:
    """Complete for one starter; what others spooled is known here since the last look, a second ago or so.

    A starter that never saw the store knows nothing, and holds nobody back.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._since: set[str] = set()
        """Added since the last look began, which can't have seen them."""

    def add(self, workflows: Collection[str]) -> None:
        """These have something in the spool."""
        self._known.update(workflows)
        self._since.update(workflows)

    def among(self, workflows: Collection[str]) -> frozenset[str]:
        """Those of them that have."""
        return frozenset(self._known.intersection(workflows))

    async def look(self, queued: Callable[[], Awaitable[Collection[str]]]) -> None:
        """Take over what the store says."""
        self._since = set()
        self._known = {*await queued()} | self._since
