"""How the vendor says no: a status, a type and a sentence, in an envelope of its own.

Types and statuses: https://platform.claude.com/docs/en/api/errors
"""

from typing import Any

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
LAST_CLIENT_ERROR = 499
SENTENCES = {
    429: "This request would exceed your organization's rate limit",
    500: "Internal server error",
    529: "Overloaded",
}


class VendorError(Exception):
    """A refusal. `retry_after` is in seconds."""

    def __init__(self, status: int, message: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message or SENTENCES.get(status, "The sandbox was told to fail"))
        self.status = status
        self.retry_after = retry_after

    @property
    def type(self) -> str:
        """The vendor's name for the status; any other 5xx is an `api_error`, any other 4xx a bad request."""
        return TYPES.get(self.status, TYPES[500] if self.status > LAST_CLIENT_ERROR else TYPES[400])

    def envelope(self, request_id: str) -> dict[str, Any]:
        """The body that goes with the status."""
        return {
            "type": "error",
            "error": {"type": self.type, "message": str(self)},
            "request_id": request_id,
        }


def bad_request(message: str) -> VendorError:
    """A 400 in the vendor's style: `<path>: <what is wrong>`."""
    return VendorError(400, message)
