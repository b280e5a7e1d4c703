"""How this vendor says no: an envelope with a type, the parameter at fault, and a code.

https://platform.openai.com/docs/guides/error-codes
"""

from typing import Any

from sandbox.model.errors import LAST_CLIENT_ERROR, VendorError

KINDS: dict[int, tuple[str, str | None]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    429: ("requests", "rate_limit_exceeded"),
    503: ("service_unavailable_error", None),
}
SENTENCES = {
    429: "Rate limit reached for requests per min (RPM).",
    500: "The server had an error while processing your request. Sorry about that!",
    503: "The engine is currently overloaded, please try again later.",
}


class RefusedRequestError(VendorError):
    """A 400 that names the parameter at fault."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(400, message)
        self.param = param
        self.code = code


def envelope(error: VendorError) -> dict[str, Any]:
    """The body that goes with the status."""
    fallback = "server_error" if error.status > LAST_CLIENT_ERROR else "invalid_request_error"
    kind, code = KINDS.get(error.status, (fallback, None))
    param = None
    if isinstance(error, RefusedRequestError):
        param, code = error.param, error.code
    message = SENTENCES.get(error.status, str(error))
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def unknown(where: str) -> RefusedRequestError:
    """For a field that the vendor doesn't know."""
    return RefusedRequestError(f"Unknown parameter: '{where}'.", where, "unknown_parameter")


def missing(where: str) -> RefusedRequestError:
    """For a field that must be there."""
    return RefusedRequestError(f"Missing required parameter: '{where}'.", where, "missing_required_parameter")


def invalid(where: str, message: str) -> RefusedRequestError:
    """For a value that the vendor doesn't take."""
    return RefusedRequestError(message, where, "invalid_value")
