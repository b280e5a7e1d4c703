"""The routes of the other vendor: chat completions, answered by the same rules."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.model.chat import streaming
from sandbox.model.chat.errors import RefusedRequestError, envelope
from sandbox.model.errors import VendorError
from sandbox.model.vendor import Vendor


def routes() -> list[Route]:
    """For the app whose state has the `vendor`."""
    return [Route("/v1/chat/completions", complete, methods=["POST"])]


async def complete(request: Request) -> Response:
    """POST /v1/chat/completions"""
    vendor: Vendor = request.app.state.vendor
    response: Response
    try:
        _refuse_stranger(request)
        body = await _body(request)
        response = _told(body, await vendor.complete(body))
    except VendorError as error:
        vendor.calls.refused(error.status)
        response = JSONResponse(envelope(error), status_code=error.status)
        if error.retry_after is not None:
            response.headers["retry-after"] = str(error.retry_after)
    response.headers.update({"x-request-id": f"req_{uuid4().hex}", **vendor.limit.headers_of_chat()})
    return response


def _refuse_stranger(request: Request) -> None:
    if not request.headers.get("authorization", "").removeprefix("Bearer ").strip():
        raise VendorError(401, "You didn't provide an API key. Use Bearer auth: Authorization: Bearer YOUR_KEY.")


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise RefusedRequestError("We could not parse the JSON body of your request.") from error


def _told(body: Mapping[str, Any], completion: dict[str, Any]) -> Response:
    if not body.get("stream"):
        return JSONResponse(completion)
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    return StreamingResponse(_streamed(completion, with_usage=with_usage), media_type="text/event-stream")


async def _streamed(completion: dict[str, Any], *, with_usage: bool) -> AsyncIterator[str]:
    for chunk in streaming.chunks(completion, with_usage=with_usage):
        yield streaming.encode(chunk)
    yield streaming.DONE
