"""A port that is taken is named, with its part and the way out."""

import socket
from collections.abc import Iterator

import pytest

from ops.errors import FarmError
from ops.stack.ports import Claim, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_taken_port_names_part_and_way_out(taken: int) -> None:
    """The message says which port, which part needs it, and how to move the stack."""
    with pytest.raises(FarmError, match=f"port {taken}, which gateway needs, is taken") as error:
        require_free([Claim("gateway", "http", taken)], 0)
    assert "--port-offset 10000" in str(error.value)


def test_free_port_passes(taken: int) -> None:
    """A port that was let go a moment ago counts as free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    require_free([Claim("gateway", "http", free)], 0)
