"""Which ports the stack takes, and whether they are free."""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil

from ops.errors import FarmError
from ops.stack.processes import Part

LOWEST, HIGHEST = 1024, 65535
ASIDE = 10_000
"""An offset that brings no part onto another's default port."""


@dataclass(frozen=True)
class Claim:
    """One port that a part will listen on."""

    part: str
    name: str
    port: int


def claims(parts: Mapping[str, Part], offset: int) -> tuple[Claim, ...]:
    """Every part's ports, moved by `offset` so that a second stack can run beside the first."""
    moved = tuple(
        Claim(name, port_name, port + offset) for name, part in parts.items() for port_name, port in part.ports.items()
    )
    for claim in moved:
        if not LOWEST <= claim.port <= HIGHEST:
            raise FarmError(
                f"--port-offset {offset} moves {claim.part} to port {claim.port}, outside of {LOWEST} to {HIGHEST}"
            )
    return moved


def require_free(wanted: Iterable[Claim], offset: int) -> None:
    """FarmError that names every port taken, the part that wants it and, where it can be seen, who holds it."""
    taken = [claim for claim in wanted if not _is_free(claim.port)]
    if taken:
        raise FarmError(
            "; ".join(f"port {claim.port}, which {claim.part} needs, is taken{_holder(claim.port)}" for claim in taken),
            "Another stack of the farm? ./farm status shows it, ./farm down stops it.",
            f"Or move this one: --port-offset {offset + ASIDE} (or FARM_PORT_OFFSET={offset + ASIDE}).",
        )


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A port in TIME_WAIT of a stack just stopped can be had again; one that is listened on can not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS shows other processes' sockets to root alone
        return ""
    for each in connections:
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
            return f" by process {each.pid} ({_name(each.pid)})"
    return ""


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "?"
