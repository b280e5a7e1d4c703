"""A secret as the last part of the path: for a sender that can be told an address and nothing else."""

import hmac
import re
from collections.abc import Sequence

from starter.sources.source import Proof, Sent, UnknownSenderError

PART = "secret"
"""The parameter of a door's path: `/webhooks/vendor/{secret}`."""

_FIT = re.compile(r"[A-Za-z0-9_-]{16,}")


def check(sent: Sent, secrets: Sequence[str], _: float = 0) -> None:
    """Raise UnknownSenderError unless the path ends in one of the secrets."""
    given = sent.path.get(PART, "").encode("utf-8", "replace")
    # Every secret is compared, so that the time taken doesn't tell which one was close.
    known = [hmac.compare_digest(given, secret.encode()) for secret in secrets]
    if not any(known):
        raise UnknownSenderError("wrong secret in the path")


def _flaw(secret: str) -> str:
    fit = _FIT.fullmatch(secret)
    return "" if fit else "it needs 16 or more of the letters, digits, - and _ that a path can hold as they are"


# OpenAPI has no security scheme for a path; its parameter says it.
IN_PATH = Proof(check, None, of_body=False, flaw=_flaw)
