"""Why the CRM says no: each becomes the vendor's error envelope at the door (`envelopes.py`)."""


class Refused(Exception):
    """`status` is the HTTP status, `code` the vendor's name of the error in v2 (empty: none)."""

    def __init__(self, status: int, error: str, code: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.code = code


class NotFound(Refused):
    def __init__(self, title: str) -> None:
        super().__init__(404, f"{title} not found", "ERR_NOT_FOUND")


class Invalid(Refused):
    def __init__(self, error: str) -> None:
        super().__init__(400, error, "ERR_SCHEMA_VALIDATION_FAILED")
