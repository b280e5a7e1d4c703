"""One spelling for one value: what is hashed, so that the same content always has the same name."""

import base64
import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces. NaN and infinity, which JSON can't say, are a ValueError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(text: str) -> str:
    """The first 192 bits of the text's SHA-256 in base64url (RFC 4648, section 5): 32 characters.

    The whole in hex would be 64, and a turn leaves seven of them in Temporal's history. To find two texts of one hash
    would take 2**96 tries.
    """
    return base64.urlsafe_b64encode(hashlib.sha256(encoded(text)).digest()[:24]).decode()


def encoded(text: str) -> bytes:
    # Models and mails do send halves of emoji; a lone surrogate must not cost the whole text.
    return text.encode("utf-8", "surrogatepass")


def decoded(body: bytes) -> str:
    return body.decode("utf-8", "surrogatepass")
