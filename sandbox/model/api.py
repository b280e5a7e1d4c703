"""The routes: the vendor's, and the sandbox's own for tests."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.model import streaming
from sandbox.model.batches import Batch
from sandbox.model.chat import api as chat
from sandbox.model.converse import api as converse
from sandbox.model.errors import VendorError, bad_request
from sandbox.model.faults import Fault
from sandbox.model.pacing import Paced, paced_response
from sandbox.model.spoiling import Spoilt, spoilt_response
from sandbox.model.vendor import Vendor

NATURE = "rules, not a language model"

Handler = Callable[[Request], Awaitable[Response]]


def build_app(vendor: Vendor) -> Starlette:
    """The ASGI application around one stand-in."""
    batches = "/v1/messages/batches"
    app = Starlette(
        routes=[
            Route("/v1/messages", _as_vendor(message), methods=["POST"]),
            Route("/v1/messages/count_tokens", _as_vendor(count_tokens), methods=["POST"]),
            Route(batches, _as_vendor(create_batch), methods=["POST"]),
            Route(batches, _as_vendor(list_batches), methods=["GET"]),
            Route(batches + "/{id}", _as_vendor(get_batch), methods=["GET"]),
            Route(batches + "/{id}/results", _as_vendor(batch_results), methods=["GET"]),
            Route(batches + "/{id}/cancel", _as_vendor(cancel_batch), methods=["POST"]),
            *chat.routes(),
            *converse.routes(),
            Route("/sandbox/faults", order_fault, methods=["POST"]),
            Route("/sandbox/faults", list_faults, methods=["GET"]),
            Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
            Route("/sandbox/calls", figures, methods=["GET"]),
            Route("/sandbox/calls", forget, methods=["DELETE"]),
            Route("/healthz", health, methods=["GET"]),
        ]
    )
    app.state.vendor = vendor
    return app


def _as_vendor(handler: Handler) -> Handler:
    """Check the headers that the vendor checks, and turn a refusal into its envelope."""

    async def handle(request: Request) -> Response:
        vendor, request_id = _vendor(request), f"req_{uuid4().hex[:24]}"
        try:
            _refuse_stranger(request)
            response = await handler(request)
        except VendorError as error:
            vendor.calls.refused(error.status)
            response = JSONResponse(error.envelope(request_id), status_code=error.status)
            if error.retry_after is not None:
                response.headers["retry-after"] = str(error.retry_after)
        response.headers.update({"request-id": request_id, **vendor.limit.headers()})
        return response

    return handle


def _refuse_stranger(request: Request) -> None:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not request.headers.get("x-api-key") and not bearer:
        raise VendorError(401, "x-api-key header is required")
    if not request.headers.get("anthropic-version"):
        raise bad_request("anthropic-version: header is required")


def _vendor(request: Request) -> Vendor:
    vendor: Vendor = request.app.state.vendor
    return vendor


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise bad_request(f"The request body is not valid JSON: {error}") from error


async def message(request: Request) -> Response:
    """POST /v1/messages"""
    body = await _body(request)
    try:
        answer = await _vendor(request).answer(body)
    except Spoilt as spoilt:
        _vendor(request).calls.refused(spoilt.how)
        return spoilt_response(spoilt, stream=bool(body.get("stream")))
    except Paced as paced:
        return paced_response(paced, stream=bool(body.get("stream")))
    if body.get("stream"):
        return StreamingResponse(_told(answer), media_type="text/event-stream; charset=utf-8")
    return JSONResponse(answer)


async def _told(answer: dict[str, Any]) -> AsyncIterator[str]:
    for event in streaming.events(answer):
        yield streaming.encode(event)


async def count_tokens(request: Request) -> Response:
    """POST /v1/messages/count_tokens"""
    return JSONResponse({"input_tokens": _vendor(request).count(await _body(request))})


async def create_batch(request: Request) -> Response:
    """POST /v1/messages/batches"""
    batch = _vendor(request).batches.create(await _body(request))
    await _vendor(request).faults.strike("", "after-batch")
    return JSONResponse(_rendered(request, batch))


async def list_batches(request: Request) -> Response:
    """GET /v1/messages/batches?limit=20&after_id="""
    limit, after = request.query_params.get("limit", "20"), request.query_params.get("after_id", "")
    if not limit.isdecimal():
        raise bad_request("limit: Input should be a valid integer")
    batches, more = _vendor(request).batches.page(int(limit), after)
    data = [_rendered(request, batch) for batch in batches]
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return JSONResponse({"data": data, "has_more": more, **ends})


async def get_batch(request: Request) -> Response:
    """GET /v1/messages/batches/{id}"""
    return JSONResponse(_rendered(request, _vendor(request).batches.get(request.path_params["id"])))


async def batch_results(request: Request) -> Response:
    """GET /v1/messages/batches/{id}/results, as JSON lines"""
    batches = _vendor(request).batches
    lines = batches.results(batches.get(request.path_params["id"]))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return Response(text, media_type="application/x-jsonl")


async def cancel_batch(request: Request) -> Response:
    """POST /v1/messages/batches/{id}/cancel"""
    return JSONResponse(_rendered(request, _vendor(request).batches.cancel(request.path_params["id"])))


def _rendered(request: Request, batch: Batch) -> dict[str, Any]:
    return _vendor(request).batches.render(batch, str(request.base_url).rstrip("/"))


async def order_fault(request: Request) -> Response:
    """POST /sandbox/faults: see `Fault` for the fields."""
    try:
        fault = Fault.model_validate_json(await request.body())
    except ValidationError as error:
        return JSONResponse({"error": error.errors(include_url=False)}, status_code=422)
    _vendor(request).faults.order(fault)
    return await list_faults(request)


async def list_faults(request: Request) -> Response:
    """GET /sandbox/faults: what is still in force."""
    return JSONResponse({"faults": [fault.model_dump() for fault in _vendor(request).faults.in_force()]})


async def clear_faults(request: Request) -> Response:
    """DELETE /sandbox/faults"""
    _vendor(request).faults.clear()
    return await list_faults(request)


async def figures(request: Request) -> Response:
    """GET /sandbox/calls"""
    return JSONResponse(_vendor(request).calls.figures())


async def forget(request: Request) -> Response:
    """DELETE /sandbox/calls: count from nothing."""
    _vendor(request).calls.reset()
    return await figures(request)


async def health(_: Request) -> Response:
    """GET /healthz"""
    return JSONResponse({"status": "ok", "model": NATURE})
