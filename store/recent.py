"""What was read or written lately, kept in this process by its content hash, so that it needn't be read again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

V = TypeVar("V")


class Recent(OrderedDict[str, V]):
    """At most so much text, the oldest dropped first. `size`: of a value, in characters."""

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        super().__init__()
        self._room = most
        self._size = size

    def add(self, name: str, value: V) -> None:
        if name in self:
            self.move_to_end(name)
            return
        self[name] = value
        self._room -= self._size(value)
        while self._room < 0:
            _, dropped = self.popitem(last=False)
            self._room += self._size(dropped)
