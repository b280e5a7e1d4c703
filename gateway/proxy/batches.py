"""Batches as the proxy passes them on: what is in a submission, what the vendor calls it, what its results came to.

LiteLLM's pass-through counts nothing of them. In the proxy's own environment.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from gateway.accounts.admission import Refusal
from gateway.accounts.batched import Requested, Usage
from gateway.accounts.spend import Asked
from gateway.prices.most import at_most_in_batch
from gateway.proxy.auth import BATCHES

RESULTS = "/results"
CALL_ID = "batch/"
"""How the name of such a call begins in the book; the request's own name comes after it."""


def requested(body: Mapping[str, Any], submission: Asked) -> Sequence[Requested] | Refusal:
    """The requests of a batch that `submission` asks to send."""
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        return Refusal(400, "a batch has `requests`, and at least one")
    found: list[Requested] = []
    for each in requests:
        if (why := _read(each, submission, found)) is not None:
            return why
    return found


def _read(request: Any, submission: Asked, found: list[Requested]) -> Refusal | None:
    params = request.get("params") if isinstance(request, dict) else None
    name = request.get("custom_id") if isinstance(request, dict) else None
    if not isinstance(params, dict) or not isinstance(params.get("model"), str) or not isinstance(name, str):
        return Refusal(400, "each of a batch's requests has a `custom_id`, and `params` with a `model`")
    model = params["model"]
    if (most := at_most_in_batch(model, params, len(json.dumps(params)))) is None:
        return Refusal(403, f"the gateway has no model {model} whose vendor takes batches")
    names, reserved, tokens = most
    call = replace(
        submission,
        id=uuid4().hex,
        call_id=f"{CALL_ID}{name}",
        role=model,
        model=model,
        reserved=reserved,
        input_tokens=tokens,
    )
    found.append(Requested(name, call, names))
    return None


def batch_of(path: str) -> str:
    """Whose results a path asks for; empty for any other path."""
    if not (path.startswith(f"{BATCHES}/") and path.endswith(RESULTS)):
        return ""
    return path.removeprefix(f"{BATCHES}/").removesuffix(RESULTS)


def named(told: bytes) -> str:
    """The vendor's name for a batch that it has taken; empty where its answer doesn't say."""
    try:
        body = json.loads(told)
    except ValueError:
        return ""
    return str(body.get("id") or "") if isinstance(body, dict) else ""


def results(told: bytes) -> dict[str, Usage | None]:
    """Custom id -> what an answer used; None where there is no answer. A line that can't be read is left out."""
    return dict(filter(None, map(_result, told.splitlines())))


def _result(line: bytes) -> tuple[str, Usage | None] | None:
    try:
        said = json.loads(line)
        result = said["result"]
        usage = result["message"]["usage"] if result["type"] == "succeeded" else None
        return str(said["custom_id"]), usage
    except (ValueError, KeyError, TypeError):
        return None
