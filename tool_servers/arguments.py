"""Arguments that don't fit a tool's schema, said in one line that a model can mend itself by."""

from typing import Any

from fastmcp.exceptions import ToolError, ValidationError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from pydantic import ValidationError as PydanticValidationError


class BadArguments(Middleware):
    """Words a schema failure like every other bad argument: `bad arguments: channel: Field required; ...`."""

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        try:
            return await call_next(context)
        except ValidationError as error:
            raise ToolError(f"bad arguments: {_in_a_line(error)}") from error


def _in_a_line(error: ValidationError) -> str:
    cause = error.__cause__
    if not isinstance(cause, PydanticValidationError):
        return str(error)
    # The input itself is left out: it may be long, and the model knows what it said.
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in cause.errors())
