"""The host's binary framing of a stream's events: lengths, their checksum, headers, the payload, a checksum of all.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

STRING = 7
"""The type of a header's value."""


def framed(event: str, content: Mapping[str, Any]) -> bytes:
    """One event on the wire."""
    payload = json.dumps(content, ensure_ascii=False).encode()
    told = {":event-type": event, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name, value) for name, value in told.items())
    # two lengths and two checksums, of four bytes each
    lengths = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = lengths + struct.pack(">I", zlib.crc32(lengths)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def _header(name: str, value: str) -> bytes:
    key, said = name.encode(), value.encode()
    return struct.pack(">B", len(key)) + key + struct.pack(">BH", STRING, len(said)) + said
