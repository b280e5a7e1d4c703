"""HTTP basic authentication (RFC 7617) that takes the same time whatever is wrong."""

import base64
import binascii
import hmac
from collections.abc import Sequence

from starter.sources.source import Proof, Sent, UnknownSenderError

CHALLENGE = {"WWW-Authenticate": 'Basic realm="farmstead", charset="UTF-8"'}


def check(sent: Sent, pairs: Sequence[str], _: float = 0) -> None:
    """`pairs`: `name:password`, all valid now. Raises UnknownSenderError."""
    given = _decoded(sent.headers.get("authorization", ""))
    # Every pair is compared, so that the time taken doesn't tell which one was close.
    known = [hmac.compare_digest(given, pair.encode()) for pair in pairs]
    if b":" not in given or not any(known):
        raise UnknownSenderError("wrong user name or password", CHALLENGE)


def _flaw(pair: str) -> str:
    name, _, password = pair.partition(":")
    return "" if name and password else "it is no <name>:<password>"


def _decoded(authorization: str) -> bytes:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


BASIC = Proof(check, {"type": "http", "scheme": "basic"}, challenge=True, of_body=False, flaw=_flaw)
