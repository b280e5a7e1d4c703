"""/sandbox/*: what tests and demos do here, and Slack does not have. Clicks go the same way as the page's."""

from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.slack import acts
from sandbox.slack.delivery import Delivery
from sandbox.slack.faults import Fault
from sandbox.slack.sandbox import Sandbox

Json = dict[str, Any]


_CLICK = TypeAdapter(acts.Click)


class SubmitOrder(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str
    view_id: str
    values: dict[str, str] = {}
    """By block id; what is not given keeps what the modal shows."""


async def click(request: Request) -> Response:
    """200 with what the app answered, 404 where there is nothing to click, 422 for a malformed order."""
    try:
        by = _CLICK.validate_json(await request.body())
        delivery = await acts.click(_sandbox(request), str(request.base_url), by)
    except (ValidationError, acts.NotPossible) as error:
        return _refused(error)
    return _delivered(delivery)


async def submit_view(request: Request) -> Response:
    try:
        order = SubmitOrder.model_validate_json(await request.body())
        delivery = await acts.submit_view(_sandbox(request), order.user, order.view_id, order.values)
    except (ValidationError, acts.NotPossible) as error:
        return _refused(error)
    return _delivered(delivery)


async def messages(request: Request) -> Response:
    """Everything said in `?channel=`, oldest first, each message with its `replies`."""
    workspace = _sandbox(request).workspace
    channel = workspace.channel(request.query_params.get("channel", "C0SALES"))
    if channel is None:
        return JSONResponse({"error": "there is no such channel"}, status_code=404)
    roots = workspace.roots(channel.id)
    return JSONResponse({"messages": [root | {"replies": workspace.replies(channel.id, root["ts"])} for root in roots]})


async def view(request: Request) -> Response:
    """The modal that `?user=` has open, or null, with the errors shown in it."""
    sandbox = _sandbox(request)
    opened = sandbox.workspace.open_view(request.query_params.get("user", ""))
    errors = sandbox.view_faults.get(opened["id"], {}) if opened else {}
    return JSONResponse({"view": opened, "errors": errors})


async def faults(request: Request) -> Response:
    try:
        fault = Fault.model_validate_json(await request.body())
    except ValidationError as error:
        return _refused(error)
    _sandbox(request).faults.set(fault)
    return JSONResponse(fault.model_dump())


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _delivered(delivery: Delivery) -> Response:
    return JSONResponse(
        {"ok": not delivery.trouble, "status": delivery.status, "reply": delivery.reply, "trouble": delivery.trouble}
    )


def _refused(error: ValidationError | acts.NotPossible) -> Response:
    if isinstance(error, acts.NotPossible):
        return JSONResponse({"error": str(error)}, status_code=404)
    return JSONResponse({"error": error.errors(include_url=False, include_context=False)}, status_code=422)
