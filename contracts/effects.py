"""The key of an effect: the same for every attempt of one step, another for any other."""

import hashlib
import json

from pydantic import JsonValue

from contracts.calls import CallSite


def arguments_hash(arguments: dict[str, JsonValue]) -> str:
    """SHA-256, in hex, of the arguments as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def effect_key(site: CallSite, tool: str, arguments: dict[str, JsonValue]) -> str:
    """32 hex digits from run, step, tool and arguments.

    A model's tool-call id has no part in it: it changes on every attempt.
    """
    parts = "\n".join((site.run, site.step, tool, arguments_hash(arguments)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
