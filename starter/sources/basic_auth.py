"""HTTP basic authentication (RFC 7617) that takes the same time whatever is wrong."""

import base64
import binascii
import hmac
from dataclasses import dataclass

CHALLENGE = {"WWW-Authenticate": 'Basic realm="farmstead", charset="UTF-8"'}


@dataclass(frozen=True)
class Credentials:
    """Who may knock: one user name and the passwords that are valid now."""

    username: str
    passwords: tuple[str, ...]

    def accept(self, authorization: str) -> bool:
        """Whether this `Authorization` header is theirs."""
        username, password = _decoded(authorization)
        named = hmac.compare_digest(username, self.username.encode())
        # Every password is compared, so that the time taken doesn't tell which one was close.
        known = [hmac.compare_digest(password, valid.encode()) for valid in self.passwords]
        return named and any(known)


def _decoded(authorization: str) -> tuple[bytes, bytes]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        username, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return b"", b""
    return username, password
