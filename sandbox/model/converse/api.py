"""The routes of the cloud that hosts the vendor's models: Converse and ConverseStream."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.model.converse.event_stream import framed
from sandbox.model.converse.reading import messages_request
from sandbox.model.converse.rendering import events, render
from sandbox.model.errors import LAST_CLIENT_ERROR, VendorError, bad_request
from sandbox.model.vendor import Vendor

TYPES = {
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}
HOSTED = "anthropic."
"""Stands in the host's names of the vendor's models; a region may stand ahead of it."""


def routes() -> list[Route]:
    """For the app whose state has the `vendor`."""
    return [
        Route("/model/{model:path}/converse", converse, methods=["POST"]),
        Route("/model/{model:path}/converse-stream", converse, methods=["POST"]),
    ]


async def converse(request: Request) -> Response:
    """POST /model/{model}/converse, or .../converse-stream"""
    vendor: Vendor = request.app.state.vendor
    response: Response
    try:
        message = await vendor.answer(messages_request(_model(request), await _body(request)))
        streamed = request.url.path.endswith("-stream")
        response = _streamed(message) if streamed else JSONResponse(render(message))
    except VendorError as error:
        vendor.calls.refused(error.status)
        kind = TYPES.get(error.status)
        kind = kind or ("InternalServerException" if error.status > LAST_CLIENT_ERROR else "ValidationException")
        response = JSONResponse({"message": str(error)}, error.status, {"x-amzn-errortype": kind})
    response.headers["x-amzn-requestid"] = str(uuid4())
    return response


def _model(request: Request) -> str:
    """By its host's name, which only those may ask who have a key there."""
    if not request.headers.get("authorization"):
        raise VendorError(403, "Missing Authentication Token")
    name = str(request.path_params["model"])
    if HOSTED not in name:
        raise bad_request("The provided model identifier is invalid.")
    return name


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise bad_request(f"The request body is not valid JSON: {error}") from error


def _streamed(message: dict[str, Any]) -> Response:
    async def told() -> AsyncIterator[bytes]:
        for event, content in events(message):
            yield framed(event, content)

    return StreamingResponse(told(), media_type="application/vnd.amazon.eventstream")
